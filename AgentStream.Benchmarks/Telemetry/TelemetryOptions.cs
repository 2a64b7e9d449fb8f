using System.Globalization;

namespace AgentStream.Benchmarks.Telemetry;

/// <summary>The measurements to make; each is an argument of its own, such as <c>--sessions 16</c>.</summary>
internal sealed record TelemetryOptions
{
    /// <summary>The number of times that everything is measured.</summary>
    public int Rounds { get; private init; } = 5;

    /// <summary>Clients at once, each with a session of its own.</summary>
    public int Sessions { get; private init; } = 16;

    /// <summary>Messages that each client sends, one after the other.</summary>
    public int Messages { get; private init; } = 50;

    /// <summary>Words that the model streams in each answer, one chunk each.</summary>
    public int Words { get; private init; } = 100;

    /// <exception cref="ArgumentException">An argument is unknown or not a number above zero.</exception>
    public static TelemetryOptions Parse(string[] arguments)
    {
        var options = new TelemetryOptions();
        for (var i = 0; i < arguments.Length; i += 2)
        {
            if (i + 1 == arguments.Length
                || !int.TryParse(arguments[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var value)
                || value == 0)
            {
                throw new ArgumentException($"{arguments[i]} takes a number above zero.");
            }

            options = arguments[i] switch
            {
                "--rounds" => options with { Rounds = value },
                "--sessions" => options with { Sessions = value },
                "--messages" => options with { Messages = value },
                "--words" => options with { Words = value },
                var unknown => throw new ArgumentException(
                    $"There is no argument {unknown}; there are --rounds, --sessions, --messages and --words."),
            };
        }

        return options;
    }
}
