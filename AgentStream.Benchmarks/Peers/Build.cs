using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;

namespace AgentStream.Benchmarks.Peers;

/// <summary>The programs that are compared: ours published as images have them, another build of ours as it was built.</summary>
internal static class Build
{
    private static readonly string Published = Path.Combine(Path.GetTempPath(), "agentstream-benchmark-published");

    /// <summary>The folder of this solution.</summary>
    public static string Solution { get; } = Path.GetFullPath(
        typeof(Build).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(
            metadata => metadata.Key == "SolutionDirectory").Value!);

    /// <summary>Publishes the services for this machine's platform, into a temporary folder.</summary>
    /// <exception cref="InvalidOperationException">One can't be published.</exception>
    public static async Task PublishAsync(CancellationToken cancellationToken)
    {
        foreach (var project in new[] { "AgentStream.Api", "AgentStream.Worker", "AgentStream.Standalone" })
        {
            using var publish = Process.Start(new ProcessStartInfo("dotnet",
            [
                "publish", Path.Combine(Solution, project), "-c", "Release", "-r", RuntimeInformation.RuntimeIdentifier,
                "--self-contained", "false", "-v", "quiet", "-o", Path.Combine(Published, project),
                // The lock files of the solution know no platform, and are not to be written to.
                "-p:NuGetLockFilePath=obj/packages.lock.json",
            ]))!;
            await publish.WaitForExitAsync(cancellationToken);
            if (publish.ExitCode != 0)
            {
                throw new InvalidOperationException($"{project} could not be published: dotnet publish ended with {publish.ExitCode}.");
            }
        }
    }

    /// <summary>Gets the path of a project's program.</summary>
    /// <param name="solution">This solution's folder, or that of another build in the configuration that this one was built in.</param>
    /// <param name="project">The project's name.</param>
    public static string PathOf(string solution, string project)
    {
        var own = new DirectoryInfo(AppContext.BaseDirectory);
        return solution == Solution
            ? Path.Combine(Published, project, $"{project}.dll")
            : Path.Combine(solution, project, "bin", own.Parent!.Name, own.Name, $"{project}.dll");
    }
}
