using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Processes;

namespace AgentStream.Tests.Deploy.Team;

/// <summary>A real nginx in the foreground, with the configuration that it is given.</summary>
internal static class Nginx
{
    private const string ReadyLine = "start worker process ";

    /// <summary>Why tests that need it are skipped; <c>null</c>: they are not.</summary>
    public static string? SkipReason { get; } = Requirements.SkipWithout("nginx", Requirements.FindProgram("nginx"));

    /// <param name="configuration">The file's path. It logs to the standard error from notices on.</param>
    /// <param name="folder">Where it may write.</param>
    public static async Task<ServiceProcess> StartAsync(string configuration, string folder)
    {
        // As root its workers would be somebody who may not go into a test's folder.
        var process = ServiceProcess.StartProgram(
            "nginx", ReadyLine, [], "-p", folder, "-c", configuration, "-e", "stderr", "-g", "daemon off; user root;");
        await process.WaitUntilReadyAsync();
        return process;
    }

    /// <summary>Ends it in good order: killed, it would leave its workers to themselves.</summary>
    public static async Task StopAsync(ServiceProcess process)
    {
        if (!process.HasExited)
        {
            process.Terminate();
            await process.WaitForExitAsync();
        }

        await process.DisposeAsync();
    }
}
