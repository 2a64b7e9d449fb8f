namespace AgentStream.Tests.Support;

/// <summary>
/// What a test needs that a machine may not have.
/// Where <c>AGENTSTREAM_TESTS_REQUIRE</c> names it (as CI does), the test runs and fails instead of being skipped.
/// </summary>
internal static class Requirements
{
    public const string Variable = "AGENTSTREAM_TESTS_REQUIRE";

    /// <summary>Why a test is skipped; <c>null</c>: it is not.</summary>
    public static string? SkipWithout(string name, string? found)
        => found is not null || IsRequired(name) ? null : $"{name} is not installed on this machine; .ci/run installs it.";

    /// <summary>The first of some programs that is on the path.</summary>
    public static string? FindProgram(params string[] names) => names
        .SelectMany(name =>
            (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(directory => Path.Combine(directory, name)))
        .FirstOrDefault(File.Exists);

    private static bool IsRequired(string name)
        => (Environment.GetEnvironmentVariable(Variable) ?? "")
            .Split(',', StringSplitOptions.TrimEntries)
            .Contains(name, StringComparer.Ordinal);
}
