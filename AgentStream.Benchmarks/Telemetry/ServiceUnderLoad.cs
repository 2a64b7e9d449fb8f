using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Reflection;

namespace AgentStream.Benchmarks.Telemetry;

/// <summary>Standalone in a process of its own, with the scripted model and an empty data directory.</summary>
internal sealed class ServiceUnderLoad : IAsyncDisposable
{
    private const string ReadyLine = "AgentStream runs";

    private readonly Process _process;
    private readonly DirectoryInfo _directory;

    private ServiceUnderLoad(Process process, DirectoryInfo directory, Uri address)
    {
        _process = process;
        _directory = directory;
        Address = address;
    }

    public Uri Address { get; }

    /// <summary>Of all its threads, since it was started.</summary>
    public TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public static async Task<ServiceUnderLoad> StartAsync(
        string plan, int concurrentRuns, string? telemetry, CancellationToken cancellationToken)
    {
        var directory = Directory.CreateTempSubdirectory("agentstream-benchmark-");
        var planFile = Path.Combine(directory.FullName, "plan.json");
        await File.WriteAllTextAsync(planFile, plan, cancellationToken);
        var port = FreePort();
        var start = new ProcessStartInfo("dotnet", [PathOf("AgentStream.Standalone")])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = directory.FullName,
        };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("OTEL_", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name);
        }

        start.Environment["ASPNETCORE_URLS"] = $"http://127.0.0.1:{port}";
        start.Environment["AgentStream__DataDirectory"] = directory.FullName;
        start.Environment["AgentStream__DefaultModel"] = "scripted";
        start.Environment["AgentStream__Models__scripted__ScriptPath"] = planFile;
        start.Environment["AgentStream__Worker__MaxConcurrentRuns"] = $"{concurrentRuns}";
        start.Environment["AgentStream__Api__MaxFramesPerSecond"] = "1000";
        if (telemetry is not null)
        {
            start.Environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = telemetry;
            start.Environment["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf";
        }

        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var process = new Process { StartInfo = start, EnableRaisingEvents = true };
        process.OutputDataReceived += (_, line) =>
        {
            if (line.Data?.Contains(ReadyLine, StringComparison.Ordinal) == true)
            {
                ready.TrySetResult();
            }
        };
        process.Exited += (_, _) => ready.TrySetException(new InvalidOperationException("The service ended before it was ready."));
        process.Start();
        process.BeginOutputReadLine();
        await ready.Task.WaitAsync(cancellationToken);
        return new ServiceUnderLoad(process, directory, new Uri($"ws://127.0.0.1:{port}"));
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        _directory.Delete(recursive: true);
    }

    private static string PathOf(string project)
    {
        var solution = typeof(ServiceUnderLoad).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(
            metadata => metadata.Key == "SolutionDirectory").Value!;
        var own = new DirectoryInfo(AppContext.BaseDirectory);
        return Path.Combine(solution, project, "bin", own.Parent!.Name, own.Name, $"{project}.dll");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
