using System.Diagnostics;
using AgentStream.Tests.Support;

namespace AgentStream.Tests.Docs.Packages;

/// <summary>Runs <c>dotnet</c> to its end.</summary>
internal static class Dotnet
{
    /// <summary>What leaves no process behind; a compiler that serves all builds of this machine may be there already.</summary>
    public static IReadOnlyList<string> NothingStays { get; } =
    [
        "-nodeReuse:false",
        .. Environment.GetEnvironmentVariable("UseSharedCompilation") is null ? (string[])["-p:UseSharedCompilation=false"] : [],
    ];

    /// <returns>What it wrote.</returns>
    public static async Task<string> RunAsync(
        string folder, IReadOnlyList<string> arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(TestTimeouts.Default * 5);
        Assert.True(process.ExitCode == 0, $"dotnet {string.Join(' ', arguments)}:\n{await output}{await error}");
        return await output;
    }
}
