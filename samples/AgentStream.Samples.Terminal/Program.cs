// A program around AgentStream.Client in a few small files, to be read in this order: Program, Chat, Screen, Comparison.
using AgentStream.Client;
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
    using var client = new AgentStreamClient(arguments.Url, new AgentStreamClientOptions { GiveUpAfter = Timeout.InfiniteTimeSpan });
    return arguments.Compare
        ? await Comparison.RunAsync(client, arguments, AnsiConsole.Console)
        : await new Chat(client, arguments, AnsiConsole.Console).RunAsync();
}
catch (Exception exception) when (exception is AgentStreamException or ArgumentException)
{
    AnsiConsole.MarkupLineInterpolated($"[red]{exception.Message}[/]");
    return 1;
}
