namespace AgentStream.Benchmarks.Inside;

/// <summary>Has a service's process do something for a measurement: see <see cref="StartupHook"/>.</summary>
internal static class Hook
{
    /// <summary>The variable that says what: a word and its arguments.</summary>
    public const string Variable = "AGENTSTREAM_BENCHMARK_HOOK";

    public const string Allocations = "allocations";

    public const string Appends = "appends";

    /// <summary>The variables that a process is started with.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Settings(params IEnumerable<object> words)
        => [new("DOTNET_STARTUP_HOOKS", typeof(Hook).Assembly.Location), new(Variable, string.Join(' ', words))];
}
