using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace AgentStream.Benchmarks.Processes;

/// <summary>
/// A redis-server of its own for one measurement, durable as the operations page asks for (append-only file, fsync each second).
/// </summary>
internal sealed class RedisProcess : IAsyncDisposable
{
    private readonly DirectoryInfo _directory;

    private RedisProcess(MeasuredProcess process, DirectoryInfo directory, int port)
    {
        Process = process;
        _directory = directory;
        Port = port;
    }

    public MeasuredProcess Process { get; }

    public int Port { get; }

    /// <exception cref="InvalidOperationException">There is no redis-server, or it does not start.</exception>
    public static async Task<RedisProcess> StartAsync(CancellationToken cancellationToken)
    {
        var directory = Directory.CreateTempSubdirectory("agentstream-benchmark-redis-");
        var port = FreePorts.Next();
        string[] arguments =
        [
            "--port", $"{port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "yes", "--appendfsync", "everysec",
            "--maxmemory-policy", "noeviction", "--dir", directory.FullName,
        ];
        var process = await MeasuredProcess.StartAsync(
            "redis", "redis-server", arguments, "Ready to accept connections", [], cancellationToken);
        return new RedisProcess(process, directory, port);
    }

    /// <summary>Gets how many commands it has executed since it was started, those inside of scripts included.</summary>
    /// <param name="cancellationToken">Ends the question.</param>
    /// <param name="names">Only these commands; none: all.</param>
    public async Task<long> CommandsAsync(CancellationToken cancellationToken, params string[] names)
    {
        const string Prefix = "cmdstat_";
        const string Calls = "calls=";
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", Port, cancellationToken);
        await using var stream = client.GetStream();
        await stream.WriteAsync("*2\r\n$4\r\nINFO\r\n$12\r\ncommandstats\r\n"u8.ToArray(), cancellationToken);
        using var reader = new StreamReader(stream, Encoding.ASCII);
        var length = int.Parse((await reader.ReadLineAsync(cancellationToken))![1..], CultureInfo.InvariantCulture);
        var text = new char[length];
        await reader.ReadBlockAsync(text, cancellationToken);
        return new string(text).Split('\n')
            .Where(line => line.StartsWith(Prefix, StringComparison.Ordinal))
            .Where(line => names.Length == 0 || names.Contains(line[Prefix.Length..line.IndexOf(':', StringComparison.Ordinal)]))
            .Sum(
                line => long.Parse(
                    line[(line.IndexOf(Calls, StringComparison.Ordinal) + Calls.Length)..line.IndexOf(',', StringComparison.Ordinal)],
                    CultureInfo.InvariantCulture));
    }

    /// <summary>Counts what clients ask of it while something goes on; what their scripts do is not counted.</summary>
    public async Task<long> CallsAsync(Func<Task> something, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", Port, cancellationToken);
        await using var stream = client.GetStream();
        await stream.WriteAsync("*1\r\n$7\r\nMONITOR\r\n"u8.ToArray(), cancellationToken);
        using var reader = new StreamReader(stream, Encoding.Latin1);
        await reader.ReadLineAsync(cancellationToken);
        var counting = CountAsync();
        await something();
        client.Client.Shutdown(SocketShutdown.Send);
        return await counting;

        async Task<long> CountAsync()
        {
            // What a script does is marked like this, in the place of the client's address.
            const string OfAScript = " lua] ";
            var calls = 0L;
            while (await reader.ReadLineAsync(cancellationToken) is { } line)
            {
                calls += line.AsSpan(0, Math.Min(line.Length, 60)).Contains(OfAScript, StringComparison.Ordinal) ? 0 : 1;
            }

            return calls;
        }
    }

    /// <summary>Gets how many channels are subscribed to.</summary>
    public async Task<long> ChannelsAsync(CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", Port, cancellationToken);
        await using var stream = client.GetStream();
        await stream.WriteAsync("*2\r\n$6\r\nPUBSUB\r\n$8\r\nCHANNELS\r\n"u8.ToArray(), cancellationToken);
        using var reader = new StreamReader(stream, Encoding.ASCII);
        return long.Parse((await reader.ReadLineAsync(cancellationToken))![1..], CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        _directory.Delete(recursive: true);
    }
}
