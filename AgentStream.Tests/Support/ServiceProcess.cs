using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;

namespace AgentStream.Tests.Support;

/// <summary>A service as operators run it: its built output, started with <c>dotnet</c>, in a process of its own that tests may kill.</summary>
internal sealed partial class ServiceProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = [];
    private readonly string _readyLine;
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ServiceProcess(Process process, string readyLine)
    {
        _process = process;
        _readyLine = readyLine;
        process.OutputDataReceived += (_, line) => Take(line.Data);
        process.ErrorDataReceived += (_, line) => Take(line.Data);
    }

    /// <summary>All that it wrote, errors included.</summary>
    public string Output => string.Join(Environment.NewLine, _lines);

    public bool HasExited => _process.HasExited;

    /// <summary>Starts a service and does not wait for it.</summary>
    /// <param name="project">Such as <c>AgentStream.Standalone</c>.</param>
    /// <param name="readyLine">What it writes when it can be used.</param>
    /// <param name="environment">Added to a clean environment: nothing of the machine's own settings reaches the service.</param>
    public static ServiceProcess Start(string project, string readyLine, IEnumerable<KeyValuePair<string, string?>> environment)
    {
        var start = new ProcessStartInfo("dotnet", [OutputOf(project)])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        foreach (var name in start.Environment.Keys.Where(IsSetting).ToList())
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var service = new ServiceProcess(new Process { StartInfo = start, EnableRaisingEvents = true }, readyLine);
        service._process.Start();
        service._process.BeginOutputReadLine();
        service._process.BeginErrorReadLine();
        return service;
    }

    public async Task WaitUntilReadyAsync()
    {
        var exited = _process.WaitForExitAsync();
        var first = await Task.WhenAny(_ready.Task, exited).WaitAsync(TestTimeouts.Default);
        Assert.True(first == _ready.Task, $"The service ended before it was ready:{Environment.NewLine}{Output}");
    }

    /// <summary>Waits for its end and returns its exit code.</summary>
    public async Task<int> WaitForExitAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(TestTimeouts.Default);
        return _process.ExitCode;
    }

    /// <summary>SIGKILL: no farewell of any kind.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync().WaitAsync(TestTimeouts.Default);
    }

    /// <summary>SIGTERM: stop in good order.</summary>
    public void Terminate() => Signal(15);

    /// <summary>SIGSTOP: the process freezes, as on a machine that is suspended.</summary>
    public void Pause() => Signal(19);

    /// <summary>SIGCONT: it goes on as if nothing had been.</summary>
    public void Continue() => Signal(18);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    /// <summary>Tests and services are built in the same configuration, side by side.</summary>
    private static string OutputOf(string project)
    {
        var root = typeof(ServiceProcess).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(metadata => metadata.Key == "SolutionDirectory").Value!;
        var own = new DirectoryInfo(AppContext.BaseDirectory);
        return Path.Combine(root, project, "bin", own.Parent!.Name, own.Name, $"{project}.dll");
    }

    private static bool IsSetting(string name)
        => new[] { "AgentStream", "OPENAI", "ANTHROPIC", "MODEL_NAME", "ASPNETCORE", "DOTNET_ENVIRONMENT", "OTEL", "ConnectionStrings" }
            .Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));

    private void Signal(int number) => Assert.Equal(0, Kill(_process.Id, number));

    private void Take(string? line)
    {
        if (line is null)
        {
            return;
        }

        _lines.Enqueue(line);
        if (line.Contains(_readyLine, StringComparison.Ordinal))
        {
            _ready.TrySetResult();
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int processId, int signal);
}
