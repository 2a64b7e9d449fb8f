// A client of AgentStream in a few small files, to be read in this order: Program, Chat, SessionClient, Cursor, Screen, Comparison.
// It knows the wire protocol (docs/protocol.md) and nothing of the server.
using AgentStream.Samples.Terminal;
using Spectre.Console;

if (!Arguments.TryParse(args, out var arguments, out var problem))
{
    AnsiConsole.WriteLine(problem);
    AnsiConsole.WriteLine(Arguments.Usage);
    return 2;
}

if (Console.IsOutputRedirected)
{
    // Whoever reads a file or a pipe wraps lines alone, and has no use for colours.
    AnsiConsole.Profile.Width = 10_000;
    AnsiConsole.Profile.Capabilities.Ansi = false;
    AnsiConsole.Profile.Capabilities.ColorSystem = ColorSystem.NoColors;
}

try
{
    return arguments.Compare
        ? await Comparison.RunAsync(arguments, AnsiConsole.Console)
        : await new Chat(arguments, AnsiConsole.Console).RunAsync();
}
catch (SessionEndedException exception)
{
    AnsiConsole.MarkupLineInterpolated($"[red]{exception.Message}[/]");
    return 1;
}
