using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using AgentStream.Tests.Api.Support;

namespace AgentStream.Tests.Api.Connections;

/// <summary>Over TLS browsers speak HTTP/2, where a socket is opened with CONNECT.</summary>
public sealed class TlsTests : IAsyncLifetime
{
    private readonly X509Certificate2 _certificate = SelfSigned();
    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.StartAsync(certificate: _certificate);

    public async Task DisposeAsync()
    {
        await _host.DisposeAsync();
        _certificate.Dispose();
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Connect_OverTls_IsServedFromThePageOfTheSameAddress(string version)
    {
        using var patience = new CancellationTokenSource(ApiHost.Patience);
        using var client = Client();
        using var socket = new ClientWebSocket();
        socket.Options.HttpVersion = Version.Parse(version);
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        socket.Options.SetRequestHeader("Origin", $"https://{_host.Address.Authority}");

        await socket.ConnectAsync(new Uri($"wss://{_host.Address.Authority}/ws/chat/s1"), client, patience.Token);

        Assert.StartsWith("""{"type":"connected",""", await NextAsync(socket, patience.Token), StringComparison.Ordinal);
        Assert.StartsWith("""{"type":"snapshot",""", await NextAsync(socket, patience.Token), StringComparison.Ordinal);
        await socket.SendAsync(
            Encoding.UTF8.GetBytes("""{"type":"ping"}"""), WebSocketMessageType.Text, endOfMessage: true, patience.Token);
        Assert.StartsWith("""{"type":"pong",""", await NextAsync(socket, patience.Token), StringComparison.Ordinal);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, patience.Token);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, socket.CloseStatus);
    }

    [Fact]
    public async Task Connect_OverHttp2WithoutASocket_IsToldToUpgrade()
    {
        using var client = Client();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_host.Address, "/ws/chat/s1"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        using var response = await client.SendAsync(request, CancellationToken.None);
        Assert.Equal(HttpStatusCode.UpgradeRequired, response.StatusCode);
        await Problems.AssertAsync(response, "upgrade_required");
    }

    private HttpMessageInvoker Client()
    {
        var handler = new SocketsHttpHandler();
        var expected = _certificate.GetCertHashString();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.GetCertHashString() == expected;
        return new HttpMessageInvoker(handler);
    }

    private static async Task<string> NextAsync(ClientWebSocket socket, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        var received = await socket.ReceiveAsync(buffer, cancellationToken);
        Assert.True(received.EndOfMessage);
        return Encoding.UTF8.GetString(buffer, 0, received.Count);
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
