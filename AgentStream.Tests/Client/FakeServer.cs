using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using AgentStream.Tests.Support;

namespace AgentStream.Tests.Client;

/// <summary>
/// A server whose every byte the test decides: it takes connections one after the other, over plain TCP in this process.
/// </summary>
internal sealed class FakeServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Channel<FakeConnection> _connections = Channel.CreateBounded<FakeConnection>(100);
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _accepting;

    public FakeServer()
    {
        _listener.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");
        _accepting = AcceptAsync();
    }

    public Uri Address { get; }

    /// <summary>The next connection, with its request read.</summary>
    public async Task<FakeConnection> NextAsync()
    {
        using var timeout = new CancellationTokenSource(TestTimeouts.Default);
        return await _connections.Reader.ReadAsync(timeout.Token);
    }

    /// <summary>The next connection as a socket that is open, and greeted.</summary>
    /// <param name="greeting">What the server says first.</param>
    public async Task<FakeConnection> OpenAsync(params string[] greeting)
    {
        var connection = await NextAsync();
        await connection.UpgradeAsync();
        foreach (var frame in greeting)
        {
            await connection.SayAsync(frame);
        }

        return connection;
    }

    public async ValueTask DisposeAsync()
    {
        // A test may have done it before its end.
        if (!_accepting.IsCompleted)
        {
            await _closing.CancelAsync();
            await _accepting;
            _listener.Dispose();
            _closing.Dispose();
        }
    }

    private async Task AcceptAsync()
    {
        List<FakeConnection> all = [];
        try
        {
            while (true)
            {
                var connection = new FakeConnection(await _listener.AcceptTcpClientAsync(_closing.Token));
                all.Add(connection);
                await connection.ReadRequestAsync(_closing.Token);
                await _connections.Writer.WriteAsync(connection, _closing.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // Closed.
        }

        all.ForEach(connection => connection.Break());
    }
}
