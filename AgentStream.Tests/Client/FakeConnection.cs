using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AgentStream.Tests.Support;

namespace AgentStream.Tests.Client;

/// <summary>One connection of a <see cref="FakeServer"/>: a request, and the socket that it may become.</summary>
internal sealed class FakeConnection(TcpClient client)
{
    private readonly NetworkStream _stream = client.GetStream();
    private string _headers = "";

    /// <summary>Method and target.</summary>
    public string Request => _headers.Split("\r\n")[0];

    public string? Header(string name) => _headers.Split("\r\n").Skip(1)
        .FirstOrDefault(line => line.StartsWith($"{name}:", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..].Trim();

    public async Task ReadRequestAsync(CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        var one = new byte[1];
        while (!text.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await _stream.ReadAsync(one, cancellationToken) == 1)
        {
            text.Append((char)one[0]);
        }

        _headers = text.ToString();
    }

    /// <summary>The body of the request.</summary>
    public async Task<string> BodyAsync()
    {
        var body = new byte[int.Parse(Header("Content-Length")!, CultureInfo.InvariantCulture)];
        await _stream.ReadExactlyAsync(body);
        return Encoding.UTF8.GetString(body);
    }

    public Task UpgradeAsync()
    {
        var key = Header("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
#pragma warning disable CA5350 // What RFC 6455 asks for.
        var accept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key)));
#pragma warning restore CA5350
        return WriteAsync(Encoding.ASCII.GetBytes(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + $"Sec-WebSocket-Protocol: agentstream.v2\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"));
    }

    /// <summary>Answers over HTTP.</summary>
    public async Task AnswerAsync(int status, string body = "{}", string type = "application/json", string more = "")
    {
        await WriteAsync(Encoding.UTF8.GetBytes(
            $"HTTP/1.1 {status} Said\r\nContent-Type: {type}\r\nConnection: close\r\n{more}"
            + $"Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}"));
        client.Client.Shutdown(SocketShutdown.Send);
    }

    /// <summary>A whole frame.</summary>
    public Task SayAsync(string json) => WriteAsync(Frame(0x81, Encoding.UTF8.GetBytes(json)));

    /// <summary>A frame as fragments of this many bytes, written byte by byte.</summary>
    public async Task SaySplitAsync(string json, int size)
    {
        var bytes = Encoding.UTF8.GetBytes(json);
        for (var at = 0; at < bytes.Length; at += size)
        {
            var isLast = at + size >= bytes.Length;
            foreach (var one in Frame((byte)((isLast ? 0x80 : 0) | (at == 0 ? 1 : 0)), bytes[at..Math.Min(bytes.Length, at + size)]))
            {
                await WriteAsync([one]);
            }
        }
    }

    public Task CloseAsync(int code, string reason = "")
    {
        var payload = new byte[2 + Encoding.UTF8.GetByteCount(reason)];
        BinaryPrimitives.WriteUInt16BigEndian(payload, (ushort)code);
        Encoding.UTF8.GetBytes(reason, payload.AsSpan(2));
        return WriteAsync(Frame(0x88, payload));
    }

    /// <summary>The connection is lost without a word.</summary>
    public void Break()
    {
        if (client.Client is { } socket)
        {
            socket.LingerState = new LingerOption(true, 0);
            client.Dispose();
        }
    }

    /// <summary>The same, after what was said has come.</summary>
    public void Leave() => client.Client.Shutdown(SocketShutdown.Both);

    /// <summary>The next frame of the client; <c>null</c>: it has closed.</summary>
    public async Task<JsonElement?> HearAsync()
    {
        using var timeout = new CancellationTokenSource(TestTimeouts.Default);
        var head = new byte[2];
        if (await _stream.ReadAtLeastAsync(head, 2, throwOnEndOfStream: false, timeout.Token) < 2 || (head[0] & 0x0F) == 8)
        {
            return null;
        }

        var length = head[1] & 0x7F;
        if (length == 126)
        {
            await _stream.ReadExactlyAsync(head, timeout.Token);
            length = BinaryPrimitives.ReadUInt16BigEndian(head);
        }

        var mask = new byte[4];
        await _stream.ReadExactlyAsync(mask, timeout.Token);
        var payload = new byte[length];
        await _stream.ReadExactlyAsync(payload, timeout.Token);
        for (var i = 0; i < length; i++)
        {
            payload[i] ^= mask[i % 4];
        }

        return JsonElement.Parse(payload);
    }

    private static byte[] Frame(byte first, byte[] payload)
    {
        byte[] head = payload.Length < 126
            ? [first, (byte)payload.Length]
            : [first, 126, (byte)(payload.Length >> 8), (byte)payload.Length];
        return [.. head, .. payload];
    }

    private Task WriteAsync(byte[] bytes) => _stream.WriteAsync(bytes).AsTask();
}
