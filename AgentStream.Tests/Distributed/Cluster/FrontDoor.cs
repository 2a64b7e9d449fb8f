using System.Net;
using System.Net.Sockets;

namespace AgentStream.Tests.Distributed.Cluster;

/// <summary>
/// One address for several servers, as Aspire's proxy gives one to replicas: each new connection goes to the next server that takes it,
/// and breaks when that server does.
/// </summary>
internal sealed class FrontDoor : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _closing = new();
    private readonly Func<IReadOnlyList<Uri>> _servers;
    private readonly Task _accepting;
    private int _next = -1;

    /// <param name="servers">Those that run now; asked for each connection.</param>
    public FrontDoor(Func<IReadOnlyList<Uri>> servers)
    {
        _servers = servers;
        _listener.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");
        _accepting = AcceptAsync();
    }

    public Uri Address { get; }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _accepting;
        _listener.Dispose();
        _closing.Dispose();
    }

    private async Task AcceptAsync()
    {
        var visits = new List<Task>();
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_closing.Token);
                visits.RemoveAll(visit => visit.IsCompleted);
                visits.Add(ServeAsync(client));
            }
        }
        catch (OperationCanceledException)
        {
            // Closed.
        }

        await Task.WhenAll(visits);
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            using var server = await ConnectAsync();
            if (server is not null)
            {
                var both = (Task[])[PassAsync(client, server), PassAsync(server, client)];
                await Task.WhenAny(both);
                client.Dispose();
                server.Dispose();
                await Task.WhenAll(both);
            }
        }
    }

    private async Task<TcpClient?> ConnectAsync()
    {
        var servers = _servers();
        for (var tries = 0; tries < servers.Count; tries++)
        {
            var address = servers[(int)((uint)Interlocked.Increment(ref _next) % (uint)servers.Count)];
            var server = new TcpClient { NoDelay = true };
            try
            {
                await server.ConnectAsync(address.Host, address.Port, _closing.Token);
                return server;
            }
            catch (Exception exception) when (exception is SocketException or OperationCanceledException)
            {
                // Killed a moment ago: the next one.
                server.Dispose();
            }
        }

        return null;
    }

    private async Task PassAsync(TcpClient from, TcpClient to)
    {
        try
        {
            to.NoDelay = true;
            await from.GetStream().CopyToAsync(to.GetStream(), _closing.Token);
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException
            or InvalidOperationException or OperationCanceledException)
        {
            // One of them has gone; the other is let go.
        }
    }
}
