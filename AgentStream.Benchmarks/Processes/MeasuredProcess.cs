using System.Diagnostics;
using System.Globalization;

namespace AgentStream.Benchmarks.Processes;

/// <summary>A process under measurement: started with a clean environment, ready when it says so, killed at the end.</summary>
internal sealed class MeasuredProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);
    private static readonly double TicksPerSecond = 100;

    private readonly Process _process;
    private readonly List<string> _lines = [];

    private MeasuredProcess(Process process, string name)
    {
        _process = process;
        Name = name;
    }

    /// <summary>The name in the table of CPU times.</summary>
    public string Name { get; }

    /// <summary>The lines that it wrote until it was ready, and after.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lines)
            {
                return [.. _lines];
            }
        }
    }

    /// <summary>
    /// CPU time of all its threads since it was started, in user and kernel mode; the kernel counts in hundredths of a second.
    /// </summary>
    public TimeSpan Cpu
    {
        get
        {
            var stat = File.ReadAllText($"/proc/{_process.Id}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            var ticks = long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
            return TimeSpan.FromSeconds(ticks / TicksPerSecond);
        }
    }

    /// <summary>Resident memory, in bytes.</summary>
    public long Memory
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>Open files and sockets.</summary>
    public int Handles => Directory.GetFileSystemEntries($"/proc/{_process.Id}/fd").Length;

    /// <summary>Starts a program and waits until it writes a line with <paramref name="readyLine"/> in it.</summary>
    /// <param name="name">The name in the table.</param>
    /// <param name="program">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="readyLine">A part of the line that says that it is ready.</param>
    /// <param name="environment">Variables beside the machine's own; those that would change what is measured are taken out.</param>
    /// <param name="cancellationToken">Ends the waiting, and with it the process.</param>
    /// <exception cref="InvalidOperationException">It ended, or was not ready within a minute.</exception>
    public static async Task<MeasuredProcess> StartAsync(
        string name,
        string program,
        IEnumerable<string> arguments,
        string readyLine,
        IEnumerable<KeyValuePair<string, string>> environment,
        CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var variable in start.Environment.Keys.Where(IsSetting).ToList())
        {
            start.Environment.Remove(variable);
        }

        foreach (var (variable, value) in environment)
        {
            start.Environment[variable] = value;
        }

        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var measured = new MeasuredProcess(new Process { StartInfo = start, EnableRaisingEvents = true }, name);
        measured._process.OutputDataReceived += (_, line) => measured.Take(line.Data, readyLine, ready);
        measured._process.ErrorDataReceived += (_, line) => measured.Take(line.Data, readyLine, ready);
        measured._process.Exited += (_, _) => ready.TrySetException(new InvalidOperationException($"{name} ended before it was ready."));
        measured._process.Start();
        measured._process.BeginOutputReadLine();
        measured._process.BeginErrorReadLine();
        try
        {
            await ready.Task.WaitAsync(StartTimeout, cancellationToken);
            return measured;
        }
        catch (Exception exception) when (exception is TimeoutException or InvalidOperationException or OperationCanceledException)
        {
            var output = string.Join(Environment.NewLine, measured.Lines);
            await measured.DisposeAsync();
            throw exception is OperationCanceledException
                ? exception
                : new InvalidOperationException($"{name} did not start. It wrote:{Environment.NewLine}{output}", exception);
        }
    }

    /// <summary>Waits until it has ended by itself.</summary>
    public Task WaitForExitAsync(CancellationToken cancellationToken) => _process.WaitForExitAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private static bool IsSetting(string variable)
        => variable.Contains("__", StringComparison.Ordinal)
            || variable.StartsWith("OTEL_", StringComparison.Ordinal)
            || variable.StartsWith("ASPNETCORE_", StringComparison.Ordinal)
            || variable.StartsWith("DOTNET_gc", StringComparison.OrdinalIgnoreCase);

    private void Take(string? line, string readyLine, TaskCompletionSource ready)
    {
        if (line is null)
        {
            return;
        }

        lock (_lines)
        {
            _lines.Add(line);
        }

        if (line.Contains(readyLine, StringComparison.Ordinal))
        {
            ready.TrySetResult();
        }
    }
}
