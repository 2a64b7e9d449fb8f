using System.Diagnostics.CodeAnalysis;
using AgentStream.Client;

namespace AgentStream.Samples.Terminal;

/// <summary>The command line of the program.</summary>
internal sealed record Arguments
{
    public const string Usage =
        """
        usage: [question] [--url http://localhost:8000] [--agent researcher] [--session ID] [--after EPOCH:SEQ] [--no-reasoning] [--compare]

        Without a question it asks for one, again and again. Ctrl+C cancels the run under way; once more, or between two questions, it leaves.
        --session goes on with a session; --after shows only what came after that point of it (the program tells it when it leaves).
        --compare asks the question twice, streaming and not, and shows what each felt like.
        """;

    public string? Question { get; init; }

    public Uri Url { get; init; } = new("http://localhost:8000");

    public string Agent { get; init; } = "assistant";

    /// <summary>Random, because nobody shall guess it.</summary>
    public string Session { get; init; } = Guid.NewGuid().ToString("N");

    public Cursor? After { get; init; }

    public bool Reasoning { get; init; } = true;

    public bool Compare { get; init; }

    /// <summary>What is said with each question.</summary>
    public AskOptions Options => new() { Agent = Agent, EnableReasoning = Reasoning };

    public static bool TryParse(string[] args, [NotNullWhen(true)] out Arguments? arguments, [NotNullWhen(false)] out string? problem)
    {
        arguments = null;
        problem = null;
        var result = new Arguments();
        for (var i = 0; i < args.Length; i++)
        {
            var value = i + 1 < args.Length ? args[i + 1] : null;
            switch (args[i])
            {
                case "--no-reasoning":
                    result = result with { Reasoning = false };
                    continue;
                case "--compare":
                    result = result with { Compare = true };
                    continue;
                case "--url" when Uri.TryCreate(value, UriKind.Absolute, out var url)
                    && url.Scheme.StartsWith("http", StringComparison.Ordinal):
                    result = result with { Url = url };
                    break;
                case "--agent" when value is not null:
                    result = result with { Agent = value };
                    break;
                case "--session" when value is not null:
                    result = result with { Session = value };
                    break;
                case "--after" when Cursor.TryParse(value, out var cursor):
                    result = result with { After = cursor };
                    break;
                case var option when option.StartsWith("--", StringComparison.Ordinal):
                    problem = $"{option} is unknown, or what follows it is not what it takes.";
                    return false;
                case var question:
                    result = result with { Question = result.Question is null ? question : $"{result.Question} {question}" };
                    continue;
            }

            i++;
        }

        if (result.Compare && result.Question is null)
        {
            problem = "--compare takes a question.";
            return false;
        }

        arguments = result;
        return true;
    }
}
