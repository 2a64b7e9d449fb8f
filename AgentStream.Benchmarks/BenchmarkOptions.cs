using System.Globalization;

namespace AgentStream.Benchmarks;

/// <summary>The measurements to make.</summary>
internal sealed record BenchmarkOptions
{
    public const string Usage = """
        dotnet run -c Release --project AgentStream.Benchmarks -- [options]
          --only P2,P4         these rows alone (default: all)
          --repetitions 5      how often each row is measured (default: 5)
          --baseline FOLDER    another solution, built in Release, to compare with
          --write              writes docs/performance.json, the page and its picture, and leaves rows as they are
                               that are not measured
          telemetry [...]      measures what exporting telemetry costs instead
        """;

    /// <summary>Ids of rows; empty: all.</summary>
    public IReadOnlyList<string> Only { get; private init; } = [];

    /// <summary>The number of times that each row is measured.</summary>
    public int Repetitions { get; private init; } = 5;

    /// <summary>The folder of another build of the solution; null: none.</summary>
    public string? Baseline { get; private init; }

    /// <summary>Tells whether the page in docs is written.</summary>
    public bool Write { get; private init; }

    /// <exception cref="ArgumentException">An argument is unknown or takes another value.</exception>
    public static BenchmarkOptions Parse(string[] arguments)
    {
        var options = new BenchmarkOptions();
        for (var i = 0; i < arguments.Length; i++)
        {
            options = arguments[i] switch
            {
                "--only" => options with
                {
                    Only = Value(arguments, ref i).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
                },
                "--repetitions" => options with { Repetitions = Number(arguments, ref i) },
                "--baseline" => options with { Baseline = Path.GetFullPath(Value(arguments, ref i)) },
                "--write" => options with { Write = true },
                var unknown => throw new ArgumentException($"There is no argument {unknown}.{Environment.NewLine}{Usage}"),
            };
        }

        return options;
    }

    private static int Number(string[] arguments, ref int i)
    {
        var name = arguments[i];
        return int.TryParse(Value(arguments, ref i), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number
            : throw new ArgumentException($"{name} takes a number above zero.{Environment.NewLine}{Usage}");
    }

    private static string Value(string[] arguments, ref int i)
        => i + 1 < arguments.Length
            ? arguments[++i]
            : throw new ArgumentException($"{arguments[i]} takes a value.{Environment.NewLine}{Usage}");
}
