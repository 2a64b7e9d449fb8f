using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using AgentStream.Tests.Api.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace AgentStream.Tests.Api.Connections;

/// <summary>A socket leaves HTTP behind once it is open.</summary>
public sealed class HandoverTests
{
    [Fact]
    public async Task Socket_OnceItIsOpen_KeepsNothingOfItsRequest()
    {
        List<WeakReference> contexts = [];
        await using var host = await ApiHost.StartAsync(map: app => app.Use((context, next) => Note(contexts, context, next)));
        await using var client = await host.ConnectAsync("/ws/chat/s1");
        await client.UntilAsync("snapshot");

        using var patience = new CancellationTokenSource(ApiHost.Patience);
        while (contexts.Exists(context => context.IsAlive))
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
            GC.Collect();
        }

        Assert.Single(contexts);
        await client.SendAsync("""{"type":"ping"}""");
        await client.NextAsync("pong");
    }

    [Fact]
    public async Task Frame_SentWithTheHandshakeInOneGo_IsRead()
    {
        await using var host = await ApiHost.StartAsync();
        using var client = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(host.Address.Host, host.Address.Port);

        // A ping with no payload, masked with zeros, right after the request.
        await client.SendAsync(Encoding.ASCII.GetBytes(
            $"GET /ws/chat/s1 HTTP/1.1\r\nHost: {host.Address.Authority}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
            .Concat<byte>([0x89, 0x80, 0, 0, 0, 0]).ToArray());

        using var patience = new CancellationTokenSource(ApiHost.Patience);
        var received = new List<byte>();
        var buffer = new byte[4096];
        byte[] pong = [0x8A, 0];
        while (received.ToArray().AsSpan().IndexOf(pong) < 0)
        {
            var count = await client.ReceiveAsync(buffer, patience.Token);
            Assert.True(count > 0, "closed");
            received.AddRange(buffer[..count]);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Task Note(List<WeakReference> contexts, HttpContext context, RequestDelegate next)
    {
        contexts.Add(new WeakReference(context));
        return next(context);
    }
}
