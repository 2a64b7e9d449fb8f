using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace AgentStream.Tests.Support.Processes;

/// <summary>A redis-server of a test's own, on a free port of the loopback, with its data in a directory that goes with it.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly string[] _options;
    private Process? _process;

    private RedisServer(string[] options) => _options = options;

    public static string? Executable { get; } = Requirements.FindProgram("redis-server");

    /// <summary>Why tests that need it are skipped; <c>null</c>: they are not.</summary>
    public static string? SkipReason { get; } = Requirements.SkipWithout("redis", Executable);

    public int Port { get; } = FreePorts.Take(1)[0];

    /// <summary>What the operating system calls it.</summary>
    public int Id => _process!.Id;

    public string DataDirectory => _directory.Path;

    /// <summary>
    /// For <c>ConnectionStrings:redis</c>, with the user of docs/redis.md, who may touch only what begins with <c>agentstream:</c>.
    /// </summary>
    public string ConnectionString => $"localhost:{Port},{RedisAcl.Credentials}";

    /// <summary>For what tests themselves do to it.</summary>
    public string AdminConnectionString => $"localhost:{Port}";

    /// <param name="options">Settings beyond the defaults of a test: <c>"--appendonly", "yes"</c>.</param>
    public static async Task<RedisServer> StartAsync(params string[] options)
    {
        var server = new RedisServer(options);
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>
    /// Starts it on the data that is there.
    /// Its file, where it has one, is synced with each write: on a busy disk "everysec" puts writes off,
    /// and a test that kills it would ask for more than was promised.
    /// </summary>
    public async Task StartAgainAsync()
    {
        var (isReady, lines) = Begin();
        if (!await isReady.WaitAsync(TestTimeouts.Default))
        {
            throw new InvalidOperationException("redis-server does not start: " + string.Join(Environment.NewLine, lines));
        }
    }

    /// <summary>The same without waiting: it still loads its data.</summary>
    public void BeginAgain() => Begin();

    private (Task<bool> IsReady, List<string> Lines) Begin()
    {
        var start = new ProcessStartInfo(
            Executable ?? throw new InvalidOperationException("redis-server is not installed on this machine; .ci/run installs it."))
        {
            RedirectStandardOutput = true,
            WorkingDirectory = _directory.Path,
        };
        foreach (var option in (string[])[
            "--port", Port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--save", "", "--appendfsync", "always", "--dir",
            _directory.Path, "--user", RedisAcl.User, .. RedisAcl.Rules, .. _options,
        ])
        {
            start.ArgumentList.Add(option);
        }

        var ready = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var lines = new List<string>();
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) =>
        {
            lock (lines)
            {
                lines.Add(line.Data ?? "");
            }

            if (line.Data is null || line.Data.Contains("Ready to accept connections", StringComparison.Ordinal))
            {
                ready.TrySetResult(line.Data is not null);
            }
        };
        _process.Start();
        _process.BeginOutputReadLine();
        return (ready.Task, lines);
    }

    /// <summary>SIGKILL: what is not on its way to the disk is lost.</summary>
    public async Task KillAsync()
    {
        if (_process is { } process)
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
            _process = null;
        }
    }

    /// <summary>SIGSTOP: it answers nothing any more, and all of its connections stay.</summary>
    public void Freeze() => ProcessSignal.Send(_process!.Id, ProcessSignal.Pause);

    /// <summary>SIGCONT: it goes on as if nothing had been.</summary>
    public void GoOn()
    {
        if (_process is { } process)
        {
            ProcessSignal.Send(process.Id, ProcessSignal.Continue);
        }
    }

    /// <summary>Copies its data to a file, as a backup does. Only of a server without an append-only file.</summary>
    public async Task BackUpAsync(string path)
    {
        await AskAsync("SAVE");
        File.Copy(Path.Combine(_directory.Path, "dump.rdb"), path, overwrite: true);
    }

    /// <summary>Puts a backup in the place of its data. Only while it is killed.</summary>
    public void Restore(string path) => File.Copy(path, Path.Combine(_directory.Path, "dump.rdb"), overwrite: true);

    /// <summary>Throws its data away. Only while it is killed.</summary>
    public void LoseData()
    {
        foreach (var path in Directory.GetFileSystemEntries(_directory.Path))
        {
            if (Directory.Exists(path))
            {
                Directory.Delete(path, recursive: true);
            }
            else
            {
                File.Delete(path);
            }
        }
    }

    /// <summary>Asks it something over a connection of its own, so that nothing that a test does to its clients is in the way.</summary>
    public Task<string> AskAsync(params string[] command) => AskInTurnAsync([command]);

    /// <summary>Asks it one after the other over one connection.</summary>
    public Task<string> AskInTurnAsync(params string[][] commands) => AskAsync(Port, commands);

    /// <summary>The same of any server that speaks Redis's protocol on this machine.</summary>
    public static async Task<string> AskAsync(int port, string[][] commands)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.UTF8.GetBytes(string.Concat(commands.Append(["QUIT"]).Select(Write))));

        // A Sentinel knows no QUIT.
        client.Client.Shutdown(SocketShutdown.Send);
        using var reader = new StreamReader(stream);
        using var timeout = new CancellationTokenSource(TestTimeouts.Default);
        return await reader.ReadToEndAsync(timeout.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _directory.Dispose();
    }

    private static string Write(string[] command)
        => $"*{command.Length}\r\n{string.Concat(command.Select(part => $"${Encoding.UTF8.GetByteCount(part)}\r\n{part}\r\n"))}";
}
