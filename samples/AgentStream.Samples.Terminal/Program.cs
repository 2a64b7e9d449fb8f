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

// Text comes in pieces that know nothing of their column: terminals and readers of files wrap lines better.
AnsiConsole.Profile.Width = 10_000;
if (Console.IsOutputRedirected)
{
    // Whoever reads a file or a pipe has no use for colours.
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
