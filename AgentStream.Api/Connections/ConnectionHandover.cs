using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace AgentStream.Api.Connections;

/// <summary>
/// Lets a request that has become something else leave HTTP: once it was answered, its connection goes on
/// with whoever took it over, and all that the request needed is let go of.
/// </summary>
/// <remarks>
/// A request that lasts as long as its socket keeps its context, headers, features and a state machine of each middleware:
/// that, and what the framework's own <see cref="System.Net.WebSockets.WebSocket"/> needs, was 8 of 20 kB of an idle one,
/// measured with 10,000 of them (docs/decisions/0015-one-push-loop.md).
/// </remarks>
internal sealed class ConnectionHandover : IConnectionHeartbeatFeature
{
    private readonly ConnectionContext _connection;
    private readonly IDuplexPipe _transport;
    private readonly IConnectionHeartbeatFeature? _heartbeat;
    private Action? _beat;
    private Func<ConnectionContext, Task>? _successor;

    private ConnectionHandover(ConnectionContext connection)
    {
        _connection = connection;
        _transport = connection.Transport;
        _heartbeat = connection.Features.Get<IConnectionHeartbeatFeature>();
    }

    /// <summary>Has each endpoint of a server offer it, unless the host decides on its endpoints' defaults itself.</summary>
    public static void Configure(KestrelServerOptions kestrel)
        => kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Use(http => connection => ServeAsync(connection, http)));

    /// <summary>
    /// Gets that of a request's connection; <c>null</c> where there is none,
    /// where other requests share the connection, or where something between, such as TLS, makes other bytes of those on the wire.
    /// </summary>
    public static ConnectionHandover? Of(HttpContext context)
        => HttpProtocol.IsHttp11(context.Request.Protocol)
            && context.Features.Get<ConnectionHandover>() is { } handover
            && handover._connection.Transport == handover._transport
                ? handover
                : null;

    /// <summary>Names who goes on with the connection when the request's endpoint has returned; the connection ends with it.</summary>
    public void To(Func<ConnectionContext, Task> successor) => _successor = successor;

    /// <summary>What HTTP wants to be done from time to time, until the connection is handed over.</summary>
    void IConnectionHeartbeatFeature.OnHeartbeat(Action<object> action, object state)
    {
        if (_beat is null)
        {
            _heartbeat?.OnHeartbeat(static handover => ((ConnectionHandover)handover)._beat?.Invoke(), this);
        }

        _beat += () => action(state);
    }

    private static async Task ServeAsync(ConnectionContext connection, ConnectionDelegate http)
    {
        var handover = new ConnectionHandover(connection);
        connection.Features.Set(handover);
        connection.Features.Set<IConnectionHeartbeatFeature>(handover);
        try
        {
            await http(connection);
        }
        finally
        {
            if (handover._successor is { } successor)
            {
                // HTTP is over, and what it would still do from time to time would keep all that it was.
                handover._beat = null;
                await successor(connection);
            }
        }
    }
}
