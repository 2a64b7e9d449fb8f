using System.Net;
using System.Net.Sockets;
using StackExchange.Redis;
using StackExchange.Redis.Configuration;

namespace AgentStream.Messaging.Redis.Connection.Routes;

/// <summary>Holds a connection back until its server takes connections, for as long as one may take.</summary>
/// <remarks>
/// The client tries once the moment that a connection breaks, and then only after seconds:
/// a server that was started again is found by the first try this way, as soon as it is there.
/// </remarks>
internal class PatientTunnel(TimeSpan patience) : Tunnel
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(1);

    /// <summary>
    /// A process that is being killed may take a connection that it closes at once; the client would then wait for its next try.
    /// </summary>
    private static readonly TimeSpan Settles = TimeSpan.FromMilliseconds(20);

    /// <summary>The time for which a try waits here: nearly all that the client gives it.</summary>
    public static TimeSpan PatienceOf(ConfigurationOptions options) => TimeSpan.FromMilliseconds(options.ConnectTimeout * 0.9);

    public override async ValueTask<EndPoint?> GetSocketConnectEndpointAsync(EndPoint endpoint, CancellationToken cancellationToken)
    {
        await WaitForAsync(async () => await AcceptsAsync(endpoint, cancellationToken), cancellationToken);
        return endpoint;
    }

    /// <summary>Asks again and again until it is so, or patience ends.</summary>
    protected async Task<bool> WaitForAsync(Func<Task<bool>> isSo, CancellationToken cancellationToken)
    {
        // By the machine's own clock, as the client's timeouts are.
        var began = TimeProvider.System.GetTimestamp();
        while (!await isSo())
        {
            if (TimeProvider.System.GetElapsedTime(began) + Pause > patience)
            {
                return false;
            }

            await Task.Delay(Pause, cancellationToken);
        }

        return true;
    }

    /// <summary>Whether a server takes connections there.</summary>
    protected static async Task<bool> AcceptsAsync(EndPoint endpoint, CancellationToken cancellationToken)
    {
        if (endpoint is not (IPEndPoint or DnsEndPoint))
        {
            return true;
        }

        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(ProbeTimeout);
        try
        {
            using var probe = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await probe.ConnectAsync(endpoint, timeout.Token);
            await Task.Delay(Settles, cancellationToken);

            // No server of this kind speaks first: what can be read is an end.
            return !probe.Poll(TimeSpan.Zero, SelectMode.SelectRead);
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            return false;
        }
    }
}
