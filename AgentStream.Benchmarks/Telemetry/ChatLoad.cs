using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace AgentStream.Benchmarks.Telemetry;

/// <summary>Clients that ask, wait until the run is over, and ask again.</summary>
internal sealed class ChatLoad(ServiceUnderLoad service, int sessions)
{
    private int _batches;

    /// <summary>The model's plan: a thought, a tool call, and an answer of so many chunks.</summary>
    public static string Plan(int words) => JsonSerializer.Serialize(new
    {
        scripts = new[]
        {
            new
            {
                replies = new object[][]
                {
                    [new
                    {
                        thought = "I had better calculate this.",
                    }, new { tool_call = new { name = "calculator", arguments = new { expression = "6*7" } } }],
                    [.. Enumerable.Range(0, words).Select(number => new { text = $"word{number} " })],
                },
            },
        },
    });

    public async Task<Measurement> RunAsync(int messages, CancellationToken cancellationToken)
    {
        var batch = Interlocked.Increment(ref _batches);
        var sockets = await Task.WhenAll(
            Enumerable.Range(0, sessions).Select(number => ConnectAsync($"b{batch}-{number}", cancellationToken)));
        var cpu = service.Cpu;
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(sockets.Select(socket => ChatAsync(socket, messages, cancellationToken)));
        var result = new Measurement(sessions * messages, clock.Elapsed, service.Cpu - cpu);
        foreach (var socket in sockets)
        {
            socket.Dispose();
        }

        return result;
    }

    private async Task<ClientWebSocket> ConnectAsync(string sessionId, CancellationToken cancellationToken)
    {
        var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri(service.Address, $"/ws/chat/{sessionId}"), cancellationToken);
        return socket;
    }

    private static async Task ChatAsync(ClientWebSocket socket, int messages, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        for (var number = 0; number < messages; number++)
        {
            // As the page does it: each message begins a trace that asks to be recorded.
            var traceparent = $"00-{ActivityTraceId.CreateRandom()}-{ActivitySpanId.CreateRandom()}-01";
            var frame =
                $$$"""{"type":"chat","payload":{"message":"question {{{number}}}","agent_name":"researcher","traceparent":"{{{traceparent}}}"}}""";
            await socket.SendAsync(
                Encoding.UTF8.GetBytes(frame), WebSocketMessageType.Text, WebSocketMessageFlags.EndOfMessage, cancellationToken);
            await ReadToTheEndAsync(socket, buffer, cancellationToken);
        }
    }

    private static async Task ReadToTheEndAsync(ClientWebSocket socket, byte[] buffer, CancellationToken cancellationToken)
    {
        while (true)
        {
            var length = 0;
            ValueWebSocketReceiveResult part;
            do
            {
                part = await socket.ReceiveAsync(buffer.AsMemory(length), cancellationToken);
                length += part.Count;
            }
            while (!part.EndOfMessage);

            var frame = buffer.AsSpan(0, length);
            if (part.MessageType == WebSocketMessageType.Close || frame.IndexOf("\"type\":\"error\""u8) >= 0)
            {
                throw new InvalidOperationException(
                    $"The service gave up: {Encoding.UTF8.GetString(frame)} {socket.CloseStatusDescription}");
            }

            if (frame.IndexOf("\"type\":\"run_finished\""u8) >= 0)
            {
                if (frame.IndexOf("\"status\":\"completed\""u8) < 0)
                {
                    throw new InvalidOperationException($"A run failed: {Encoding.UTF8.GetString(frame)}");
                }

                return;
            }
        }
    }
}
