using System.Net.Sockets;
using System.Text;
using AgentStream.Tests.Api.Support;

namespace AgentStream.Tests.Access.Abuse;

/// <summary>A connection on which a test says byte by byte what it wants to.</summary>
internal sealed class RawConnection : IDisposable
{
    private readonly TcpClient _client;
    private readonly NetworkStream _stream;

    private RawConnection(TcpClient client) => (_client, _stream) = (client, client.GetStream());

    /// <param name="address">The server.</param>
    /// <param name="receiveBuffer">How much the system may take for who does not read; 0: as much as it likes.</param>
    public static async Task<RawConnection> OpenAsync(Uri address, int receiveBuffer = 0)
    {
        var client = new TcpClient();
        if (receiveBuffer > 0)
        {
            client.ReceiveBufferSize = receiveBuffer;
        }

        await client.ConnectAsync(address.Host, address.Port);
        return new RawConnection(client);
    }

    /// <summary>A socket that is open.</summary>
    public static async Task<RawConnection> UpgradeAsync(Uri address, string path, int receiveBuffer = 0)
    {
        var connection = await OpenAsync(address, receiveBuffer);
        await connection.SendAsync(
            $"GET {path} HTTP/1.1\r\nHost: {address.Authority}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 101 ", await connection.ReadHeadAsync(), StringComparison.Ordinal);
        return connection;
    }

    public async Task SendAsync(string text) => await _stream.WriteAsync(Encoding.Latin1.GetBytes(text));

    public async Task SendAsync(byte[] bytes) => await _stream.WriteAsync(bytes);

    /// <summary>All that comes until the server closes.</summary>
    public async Task<string> ReadToEndAsync()
    {
        using var patience = new CancellationTokenSource(ApiHost.Patience);
        using var all = new MemoryStream();
        try
        {
            await _stream.CopyToAsync(all, patience.Token);
        }
        catch (IOException)
        {
            // Cut, and not closed: what came before counts.
        }

        return Encoding.Latin1.GetString(all.ToArray());
    }

    /// <summary>The head of the next answer.</summary>
    public async Task<string> ReadHeadAsync()
    {
        using var patience = new CancellationTokenSource(ApiHost.Patience);
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal)
            && await _stream.ReadAsync(one, patience.Token) > 0)
        {
            head.Append((char)one[0]);
        }

        return head.ToString();
    }

    public void Dispose() => _client.Dispose();
}
