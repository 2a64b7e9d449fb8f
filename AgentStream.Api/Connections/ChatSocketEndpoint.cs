using System.IO.Pipelines;
using AgentStream.Access;
using AgentStream.Api.Access;
using AgentStream.Api.Commands;
using AgentStream.Api.Delivery;
using AgentStream.Api.Http.Bodies;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;
using AgentStream.ServiceDefaults;
using Microsoft.Extensions.Options;

namespace AgentStream.Api.Connections;

/// <summary>
/// <c>GET /ws/chat/{session_id}</c>, over HTTP/2 <c>CONNECT</c>:
/// everything that can be refused is refused before the upgrade, with a status and a sentence.
/// </summary>
internal sealed class ChatSocketEndpoint(
    SessionAccess access,
    SessionBroadcasts sessions,
    SessionCommands commands,
    ConnectionPlaces places,
    CallerLimits limits,
    IOptions<ApiOptions> options,
    TimeProvider time,
    ILoggerFactory loggers)
{
    /// <summary>The sub-protocols; a client that asks for none gets what the first one stands for.</summary>
    private static readonly Dictionary<string, Wire> SubProtocols = new(StringComparer.Ordinal)
    {
        ["agentstream.v1"] = Wire.WebSocket,
        ["agentstream.v2"] = Wire.ShortWebSocket,
    };

    private readonly ILogger<SocketConnection> _logger = loggers.CreateLogger<SocketConnection>();

    public async Task<IResult> HandleAsync(HttpContext context, SessionId sessionId)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            if (HttpProtocol.IsHttp11(context.Request.Protocol))
            {
                context.Response.Headers.Upgrade = "websocket";
            }

            return new ProblemResult(new Refusal(
                ErrorCodes.UpgradeRequired, "This is a WebSocket: connect with a WebSocket client, or follow /api/sessions/{id}/events."));
        }

        if (!CursorQuery.TryRead(context.Request.Query, out var cursor, out var invalid))
        {
            return new ProblemResult(invalid!);
        }

        if (places.Take(context).IsRefused(out var full, out var place))
        {
            return new ProblemResult(full);
        }

        Opening? opening = null;
        try
        {
            var caller = SessionAccess.CallerOf(context);
            if ((await sessions.OpenAsync(caller, sessionId, cursor, context.RequestAborted)).IsRefused(out var refusal, out opening))
            {
                return new ProblemResult(refusal);
            }

            var subProtocol = context.WebSockets.WebSocketRequestedProtocols.FirstOrDefault(SubProtocols.ContainsKey);
            var wire = subProtocol is null ? Wire.WebSocket : SubProtocols[subProtocol];
            var stream = await SocketHandshake.AcceptAsync(context, subProtocol);
            RequestSpans.Drop(context);
            var begin = Begin(wire, caller, limits.AddressOf(context), access.PermitOf(context), place, opening);
            (place, opening) = (null, null);
            if (ConnectionHandover.Of(context) is { } handover)
            {
                handover.To(connection => begin(connection.Transport, connection.Abort));
            }
            else
            {
                await begin(new StreamPipes(stream), context.Abort);
            }

            return Results.Empty;
        }
        finally
        {
            if (opening is not null)
            {
                await opening.DisposeAsync();
            }

            place?.Dispose();
        }
    }

    // Nothing of the request is in here: it may be over when the connection begins.
    private Func<IDuplexPipe, Action, Task> Begin(
        Wire wire, Caller caller, string? address, CommandPermit permit, ConnectionRegistry.ConnectionPermit place, Opening opening)
        => (transport, abort) => new SocketConnection(
            transport, abort, opening, wire, commands, permit, address, options.Value, time, _logger)
            .RunAsync(place, caller, opening);
}
