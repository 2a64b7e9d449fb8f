using System.ComponentModel;
using System.Diagnostics;
using Microsoft.Extensions.Configuration;

namespace AgentStream.AppHost;

/// <summary>
/// Tells whether the AppHost starts the services around a Redis, or all of them in one process.
/// <c>AgentStream:Topology</c> decides where it is set (<c>distributed</c> or <c>standalone</c>).
/// Default: distributed where a Redis is there already (<c>ConnectionStrings:redis</c>) or a container engine runs that can start one.
/// </summary>
internal static class Topology
{
    public const string Setting = "AgentStream:Topology";

    // A daemon that hangs answers nothing; one that runs answers within a second.
    private static readonly TimeSpan EnginePatience = TimeSpan.FromSeconds(10);

    /// <param name="configuration">The AppHost's settings.</param>
    /// <param name="hasContainerEngine">Asked only if nothing else decides: it starts a program.</param>
    /// <exception cref="InvalidOperationException">The setting has a value that it does not take.</exception>
    public static bool IsDistributed(IConfiguration configuration, Func<bool> hasContainerEngine)
        => configuration[Setting]?.ToUpperInvariant() switch
        {
            "DISTRIBUTED" => true,
            "STANDALONE" => false,
            null or "" => HasExistingRedis(configuration) || hasContainerEngine(),
            _ => throw new InvalidOperationException(
                $"{Setting} is '{configuration[Setting]}'; it takes distributed, standalone or nothing (what this machine can run)."),
        };

    public static bool HasExistingRedis(IConfiguration configuration)
        => !string.IsNullOrWhiteSpace(configuration.GetConnectionString("redis"));

    /// <summary>
    /// Asks the engines that Aspire can use: the one that <c>ASPIRE_CONTAINER_RUNTIME</c> names, otherwise docker, then podman.
    /// </summary>
    public static bool HasContainerEngine(string? named)
    {
        string[] engines = string.IsNullOrWhiteSpace(named) ? ["docker", "podman"] : [named];
        return engines.Any(Answers);
    }

    // "docker info" talks to the daemon ("docker --version" does not) and fails without one, "podman info" fails without a working set-up.
    private static bool Answers(string engine)
    {
        try
        {
            using var info = Process.Start(
                new ProcessStartInfo(engine, ["info"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            info.OutputDataReceived += Ignore;
            info.ErrorDataReceived += Ignore;
            info.BeginOutputReadLine();
            info.BeginErrorReadLine();
            if (info.WaitForExit(EnginePatience))
            {
                return info.ExitCode == 0;
            }

            info.Kill(entireProcessTree: true);
            return false;
        }
        catch (Win32Exception)
        {
            // Not installed.
            return false;
        }
    }

    // Somebody has to read, or a long answer fills the pipe and the program never ends.
    private static void Ignore(object sender, DataReceivedEventArgs line)
    {
    }
}
