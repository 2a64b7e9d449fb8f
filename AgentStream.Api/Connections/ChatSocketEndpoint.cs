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
    SessionFeed feed,
    SessionCommands commands,
    ConnectionRegistry connections,
    IOptions<ApiOptions> options,
    TimeProvider time,
    IHostApplicationLifetime lifetime,
    ILoggerFactory loggers)
{
    public const string SubProtocol = "agentstream.v1";

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

        using var place = connections.TryTakePermit();
        if (place is null)
        {
            return ProblemResult.TooManyConnections;
        }

        if ((await feed.OpenAsync(access.PrincipalOf(context), sessionId, cursor, context.RequestAborted))
            .IsRefused(out var refusal, out var start))
        {
            return new ProblemResult(refusal);
        }

        using var socket = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
        {
            SubProtocol = context.WebSockets.WebSocketRequestedProtocols.Contains(SubProtocol) ? SubProtocol : null,

            // Compressed token frames save nothing and cost each connection more than everything else together.
            DangerousEnableCompression = false,

            // No pings: each would be a timer of this connection's own. See PeerProbes.
            KeepAliveInterval = Timeout.InfiniteTimeSpan,
        });
        RequestSpans.Drop(context);
        var connection = new SocketConnection(socket, start, feed, commands, options.Value, feed.MeterOf(start), time, _logger);
        place.Occupy(connection);
        await connection.RunAsync(lifetime.ApplicationStopping);
        return Results.Empty;
    }
}
