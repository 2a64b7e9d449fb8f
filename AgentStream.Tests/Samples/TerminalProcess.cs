using System.Diagnostics;
using System.Text;
using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Processes;

namespace AgentStream.Tests.Samples;

/// <summary>
/// The sample in a process of its own, with a person at it: they see what it writes as it is written, type lines, and press Ctrl+C.
/// </summary>
internal sealed class TerminalProcess : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly char[] _buffer = new char[1024];
    private int _seen;

    private TerminalProcess(Process process) => _process = process;

    /// <summary>All that it wrote and that was read so far.</summary>
    public string Output => _output.ToString();

    /// <summary>Starts it.</summary>
    public static TerminalProcess Start(params string[] args)
    {
        // What runs tests in the background may ignore SIGINT, and programs keep what they inherit: GNU's env gives it back its meaning.
        string[] command = [.. OperatingSystem.IsLinux()
            ? ["env", "--default-signal=INT"]
            : Array.Empty<string>(), "dotnet", BuiltProgram.PathOf("samples/AgentStream.Samples.Terminal"), .. args];
        return new(Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        })!);
    }

    /// <summary>Reads until this text has come, after everything that was waited for before.</summary>
    public async Task SeeAsync(string text)
    {
        using var timeout = new CancellationTokenSource(TestTimeouts.Default);
        while (!Output[_seen..].Contains(text, StringComparison.Ordinal))
        {
            var length = await _process.StandardOutput.ReadAsync(_buffer, timeout.Token);
            Assert.True(
                length > 0,
                $"It ended before it wrote '{text}': "
                    + $"{Output}{(length > 0 ? "" : await _process.StandardError.ReadToEndAsync(timeout.Token))}");
            _output.Append(_buffer, 0, length);
        }

        _seen += Output[_seen..].IndexOf(text, StringComparison.Ordinal) + text.Length;
    }

    public async Task TypeAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>Nobody will type any more.</summary>
    public void LeaveKeyboard() => _process.StandardInput.Close();

    /// <summary>Ctrl+C.</summary>
    public void Interrupt() => ProcessSignal.Send(_process.Id, ProcessSignal.Interrupt);

    /// <summary>Waits for its end.</summary>
    public async Task<int> ExitAsync()
    {
        using var timeout = new CancellationTokenSource(TestTimeouts.Default);
        var error = _process.StandardError.ReadToEndAsync(timeout.Token);
        _output.Append(await _process.StandardOutput.ReadToEndAsync(timeout.Token));
        await _process.WaitForExitAsync(timeout.Token);
        _output.Append(await error);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }
}
