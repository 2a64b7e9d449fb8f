using System.Collections.Concurrent;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace AgentStream.Benchmarks.Peers;

/// <summary>The peers in .NET, each run by this program in a process of its own.</summary>
internal static class PeerServers
{
    /// <summary>A relay as a .NET developer writes it: each message of a Redis channel is sent to one socket after the other.</summary>
    public static async Task SendLoopAsync(int redisPort, int port)
    {
        var sockets = new ConcurrentDictionary<WebSocket, bool>();
        using var redis = await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{redisPort}");
        var channel = await redis.GetSubscriber().SubscribeAsync(RedisChannel.Literal("room"));
        channel.OnMessage(async message =>
        {
            ReadOnlyMemory<byte> bytes = message.Message;
            foreach (var socket in sockets.Keys)
            {
                try
                {
                    await socket.SendAsync(bytes, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
                }
                catch (Exception exception) when (exception is WebSocketException or ObjectDisposedException or InvalidOperationException)
                {
                    // This viewer has gone; the others go on.
                    sockets.TryRemove(socket, out _);
                }
            }
        });
        var app = Create(port);
        app.UseWebSockets();
        app.Map("/", async context =>
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            await socket.SendAsync("joined"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
            sockets[socket] = true;
            var buffer = new byte[256];
            try
            {
                while ((await socket.ReceiveAsync(buffer, context.RequestAborted)).MessageType != WebSocketMessageType.Close)
                {
                }
            }
            catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
            {
                // The viewer has gone without a close.
            }

            sockets.TryRemove(socket, out _);
        });
        await RunAsync(app);
    }

    /// <summary>A hub without methods.</summary>
    public static async Task SignalRAsync(int port)
    {
        var app = Create(port);
        app.MapHub<EmptyHub>("/hub");
        await RunAsync(app);
    }

    private static WebApplication Create(int port)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSignalR();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        return builder.Build();
    }

    private static async Task RunAsync(WebApplication app)
    {
        await app.StartAsync();
        Console.WriteLine("ready");
        await HostingAbstractionsHostExtensions.WaitForShutdownAsync(app);
    }

    private sealed class EmptyHub : Hub;
}
