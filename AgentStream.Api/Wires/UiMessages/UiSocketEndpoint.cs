using AgentStream.Api.Commands;
using AgentStream.Api.Http.Bodies;
using AgentStream.Api.Wires.Runs;
using AgentStream.Messaging.Protocol;
using AgentStream.ServiceDefaults;
using Microsoft.Extensions.Options;

namespace AgentStream.Api.Wires.UiMessages;

/// <summary>The socket of the UI message stream, for <c>WebSocketChatTransport</c> of <c>ai</c> 7 as it is.</summary>
internal static class UiSocketEndpoint
{
    public static async Task<IResult> HandleAsync(
        HttpContext context,
        WireCommands commands,
        WireStreams streams,
        IOptions<ApiOptions> options,
        IHostApplicationLifetime lifetime,
        TimeProvider time,
        ILogger<UiSocket> logger)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            if (HttpProtocol.IsHttp11(context.Request.Protocol))
            {
                context.Response.Headers.Upgrade = "websocket";
            }

            return ApiResults.Refused(new Refusal(
                ErrorCodes.UpgradeRequired, "This is a WebSocket: connect with WebSocketChatTransport, or send to /api/chat."));
        }

        if (streams.Enter(context).IsRefused(out var full, out var place))
        {
            return ApiResults.Refused(full);
        }

        using (place)
        {
            var settings = options.Value;
            using var socket = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
            {
                KeepAliveInterval = settings.KeepAliveInterval,
                KeepAliveTimeout = settings.KeepAliveTimeout,
            });
            RequestSpans.Drop(context);
            await using var chats = new UiSocket(context, socket, commands, streams, settings, time, logger);
            await chats.RunAsync(lifetime.ApplicationStopping);
        }

        return Results.Empty;
    }
}
