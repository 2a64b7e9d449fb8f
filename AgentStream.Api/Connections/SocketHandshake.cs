using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.Features;

namespace AgentStream.Api.Connections;

/// <summary>Accepts a socket and hands out the stream below it, so that what is written is ours (RFC 6455, 4.2.2; RFC 8441).</summary>
internal static class SocketHandshake
{
    private const string Magic = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    /// <param name="context">A request for a socket, as <see cref="WebSocketManager.IsWebSocketRequest"/> found.</param>
    /// <param name="subProtocol">The one of those that the client asks for that is confirmed; <c>null</c>: none.</param>
    public static async Task<Stream> AcceptAsync(HttpContext context, string? subProtocol)
    {
        var headers = context.Response.Headers;
        if (subProtocol is not null)
        {
            headers.SecWebSocketProtocol = subProtocol;
        }

        if (context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true } connect)
        {
            return await connect.AcceptAsync();
        }

        headers.Connection = "Upgrade";
        headers.Upgrade = "websocket";
        headers.SecWebSocketAccept = AcceptFor(context.Request.Headers.SecWebSocketKey.ToString());
        return await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
    }

    [SuppressMessage(
        "Security", "CA5350:Do Not Use Weak Cryptographic Algorithms", Justification = "The protocol says so; nothing is protected by it.")]
    private static string AcceptFor(string key) => Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + Magic)));
}
