using System.Diagnostics;

namespace AgentStream.Tests.Support.Processes;

/// <summary>
/// A service as operators run it: its built output, started with <c>dotnet</c>, in a process of its own that tests may kill.
/// </summary>
internal sealed class ServiceProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Lock _lock = new();
    private readonly List<string> _lines = [];
    private readonly List<Awaited> _waiting = [];
    private readonly string _readyLine;

    private ServiceProcess(Process process, string readyLine)
    {
        _process = process;
        _readyLine = readyLine;
        process.OutputDataReceived += (_, line) => Take(line.Data);
        process.ErrorDataReceived += (_, line) => Take(line.Data);
    }

    /// <summary>All that it wrote, errors included.</summary>
    public string Output
    {
        get
        {
            lock (_lock)
            {
                return string.Join(Environment.NewLine, _lines);
            }
        }
    }

    /// <summary>What the operating system calls it.</summary>
    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Starts a service and does not wait for it.</summary>
    /// <param name="project">Such as <c>AgentStream.Standalone</c>.</param>
    /// <param name="readyLine">What it writes when it can be used.</param>
    /// <param name="environment">Added to a clean environment: nothing of the machine's own settings reaches the service.</param>
    /// <param name="folder">The folder that it was published to; null: its built output.</param>
    public static ServiceProcess Start(
        string project, string readyLine, IEnumerable<KeyValuePair<string, string?>> environment, string? folder = null)
        => Start(
            new ProcessStartInfo("dotnet", [folder is null ? OutputOf(project) : Path.Combine(folder, $"{project}.dll")]),
            readyLine,
            environment);

    /// <summary>The same with a program that is not the solution's own.</summary>
    /// <param name="program">Its path.</param>
    /// <param name="readyLine">What it writes when it can be used.</param>
    /// <param name="environment">Added to a clean environment.</param>
    /// <param name="arguments">What it is called with.</param>
    public static ServiceProcess StartProgram(
        string program, string readyLine, IEnumerable<KeyValuePair<string, string?>> environment, params string[] arguments)
        => Start(new ProcessStartInfo(program, arguments), readyLine, environment);

    private static ServiceProcess Start(ProcessStartInfo start, string readyLine, IEnumerable<KeyValuePair<string, string?>> environment)
    {
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.WorkingDirectory = Path.GetTempPath();
        foreach (var name in start.Environment.Keys.Where(IsSetting).ToList())
        {
            start.Environment.Remove(name);
        }

        // It lives for seconds: code that counts what it does, to be compiled better later, does not pay.
        start.Environment["DOTNET_TieredPGO"] = "0";
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

    public Task WaitUntilReadyAsync() => WaitForLineAsync(_readyLine);

    /// <summary>Waits for a line with this text, or so many of them, which it may have written already, and returns the last one.</summary>
    public async Task<string> WaitForLineAsync(string text, int times = 1)
    {
        var seen = LineWith(text, times);
        await Task.WhenAny(seen, _process.WaitForExitAsync()).WaitAsync(TestTimeouts.Default);

        // The end of a process comes after all that it wrote, and may be noticed before the line that was its last.
        Assert.True(seen.IsCompleted, $"The service ended before it wrote '{text}':{Environment.NewLine}{Output}");
        return await seen;
    }

    /// <summary>Waits for its end and returns its exit code.</summary>
    public async Task<int> WaitForExitAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(TestTimeouts.Default);
        return _process.ExitCode;
    }

    /// <summary>SIGKILL: it ends without a word.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync().WaitAsync(TestTimeouts.Default);
        DeleteTraces(_process.Id);
    }

    /// <summary>SIGTERM: stop in good order.</summary>
    public void Terminate() => ProcessSignal.Send(_process.Id, ProcessSignal.Terminate);

    /// <summary>SIGSTOP: the process freezes, as on a machine that is suspended.</summary>
    public void Pause() => ProcessSignal.Send(_process.Id, ProcessSignal.Pause);

    /// <summary>SIGCONT: it goes on as if nothing had been.</summary>
    public void Continue() => ProcessSignal.Send(_process.Id, ProcessSignal.Continue);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    /// <summary>The sockets that the runtime keeps for debuggers and diagnostic tools: a killed process leaves them on disk.</summary>
    private static void DeleteTraces(int id)
    {
        foreach (var pattern in (string[])[$"dotnet-diagnostic-{id}-*", $"clr-debug-pipe-{id}-*"])
        {
            foreach (var file in Directory.EnumerateFiles(Path.GetTempPath(), pattern))
            {
                File.Delete(file);
            }
        }
    }

    /// <summary>Tests and services are built in the same configuration, side by side.</summary>
    private static string OutputOf(string project)
    {
        var own = new DirectoryInfo(AppContext.BaseDirectory);
        return Path.Combine(Repository.Root, project, "bin", own.Parent!.Name, own.Name, $"{Path.GetFileName(project)}.dll");
    }

    private static bool IsSetting(string name)
        => new[]
        {
            "AgentStream",
            "OPENAI",
            "ANTHROPIC",
            "MODEL_NAME",
            "ASPNETCORE",
            "DOTNET_ENVIRONMENT",
            "OTEL",
            "ConnectionStrings",
            "ASPIRE",
            "DASHBOARD",
        }
            .Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));

    private void Take(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_lock)
        {
            _lines.Add(line);
            _waiting.ForEach(one => one.Take(line));
        }
    }

    private Task<string> LineWith(string text, int times)
    {
        lock (_lock)
        {
            var awaited = new Awaited(text, times);
            _lines.ForEach(awaited.Take);
            _waiting.Add(awaited);
            return awaited.Seen;
        }
    }

    private sealed class Awaited(string text, int times)
    {
        private readonly TaskCompletionSource<string> _seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _left = times;

        public Task<string> Seen => _seen.Task;

        public void Take(string line)
        {
            if (line.Contains(text, StringComparison.Ordinal) && --_left == 0)
            {
                _seen.TrySetResult(line);
            }
        }
    }
}
