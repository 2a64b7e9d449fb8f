using System.Net;
using System.Net.Sockets;

namespace AgentStream.Benchmarks.Clients;

/// <summary>A way to a server that can be cut: all connections at once, as when a network goes away.</summary>
internal sealed class CutDoor : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _closing = new();
    private readonly int _server;
    private readonly Lock _lock = new();
    private readonly Task _accepting;
    private CancellationTokenSource _open = new();

    /// <param name="server">The server's port.</param>
    public CutDoor(int server)
    {
        _server = server;
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>Ends all connections that there are; new ones are let through.</summary>
    public void Cut()
    {
        CancellationTokenSource before;
        lock (_lock)
        {
            (before, _open) = (_open, new CancellationTokenSource());
        }

        before.Cancel();
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        Cut();
        await _accepting;
        _listener.Dispose();
        _closing.Dispose();
        _open.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> visits = [];
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_closing.Token);
                CancellationToken cut;
                lock (_lock)
                {
                    cut = _open.Token;
                }

                visits.Add(ServeAsync(client, cut));
            }
        }
        catch (OperationCanceledException)
        {
            // Closed.
        }

        await Task.WhenAll(visits);
    }

    private async Task ServeAsync(TcpClient client, CancellationToken cut)
    {
        using var server = new TcpClient();
        using (client)
        {
            try
            {
                client.NoDelay = server.NoDelay = true;
                await server.ConnectAsync(IPAddress.Loopback, _server, cut);
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException)
            {
                return;
            }

            await Task.WhenAll(PassAsync(client, server, cut), PassAsync(server, client, cut));
        }
    }

    private static async Task PassAsync(TcpClient from, TcpClient to, CancellationToken cut)
    {
        try
        {
            await from.GetStream().CopyToAsync(to.GetStream(), cut);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or SocketException
            or ObjectDisposedException or InvalidOperationException)
        {
            // Cut, or one of them has gone.
        }

        from.Dispose();
        to.Dispose();
    }
}
