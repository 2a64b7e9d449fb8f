using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using AgentStream.Tests.Access;
using AgentStream.Tests.Api.Support;

namespace AgentStream.Tests.Api.Wires;

/// <summary>What becomes of a socket of the AI SDK where its client, or its server, does not go on.</summary>
public sealed class UiSocketTests
{
    private const string Question =
        """
        {"type":"send","requestId":"r1","id":"s1","trigger":"submit-message","headers":{},"body":{"agent":"assistant"},
        "messages":[{"id":"m1","role":"user","parts":[{"type":"text","text":"hello"}]}]}
        """;

    [Fact]
    public async Task Answers_OfAServerThatGoesAway_EndWithAnErrorAndTheSocketWithIts1001()
    {
        await using var api = await ApiHost.StartAsync();
        using var socket = await ConnectAsync(api.Address);
        await SendAsync(socket, Question);
        Assert.Equal("start", (await ReceiveAsync(socket))?.Text("type"));

        var stopped = api.StopAsync();

        var frames = await RestAsync(socket);
        var chunks = frames.Where(frame => frame.Text("type") == "chunk").ToList();
        Assert.Equal(Enumerable.Range(0, chunks.Count), chunks.Select(frame => (int)frame.Number("sequence")));
        Assert.Equal("error", chunks[^1].GetProperty("chunk").Text("type"));
        Assert.Equal("end", frames[^1].Text("type"));
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, socket.CloseStatus);
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        await stopped;
    }

    [Theory]
    [InlineData("x")]
    [InlineData("""{"type":"send"}""")]
    [InlineData("""{"type":"other","requestId":"r1"}""")]
    [InlineData("""{"type":"resume","requestId":"r1","requestId":"r2"}""")]
    public async Task Frame_ThatIsNone_ClosesTheSocket(string frame)
    {
        await using var api = await ApiHost.StartAsync();
        using var socket = await ConnectAsync(api.Address);
        await SendAsync(socket, frame);

        Assert.Empty(await RestAsync(socket));
        Assert.Equal(WebSocketCloseStatus.PolicyViolation, socket.CloseStatus);
    }

    [Fact]
    public async Task Requests_Refused_AreToldWithTheirOwnId_AndTheSocketGoesOn()
    {
        await using var api = await ApiHost.StartAsync();
        using var socket = await ConnectAsync(api.Address);
        await SendAsync(socket, """{"type":"send","requestId":"a","id":"s1","headers":{},"body":{},"messages":[]}""");
        var refused = await ReceiveAsync(socket);
        await SendAsync(socket, """{"type":"resume","requestId":"b","id":"s1","headers":{},"body":{}}""");
        var idle = await ReceiveAsync(socket);
        await SendAsync(socket, Question);
        await SendAsync(socket, """{"type":"abort","requestId":"r1"}""");

        Assert.Equal(("error", "a"), (refused?.Text("type"), refused?.Text("requestId")));
        Assert.NotEmpty(refused!.Value.Text("errorText")!);
        Assert.Equal(("no-active", "b"), (idle?.Text("type"), idle?.Text("requestId")));
        await api.EmptyAsync(() => { });
    }

    [Fact]
    public async Task RevokedKey_OverASocket_EndsItsAnswersAndGetsNoOthers()
    {
        await using var api = await GuardedApi.StartAsync();
        var key = await api.KeyAsync("lost");
        using var socket = await ConnectAsync(api.Host.Address, key);
        await SendAsync(socket, Question);
        Assert.Equal("start", (await ReceiveAsync(socket))?.Text("type"));
        Assert.Equal("chunk", (await ReceiveAsync(socket))?.Text("type"));

        await api.Keys.RevokeAsync("lost", CancellationToken.None);
        var error = await ReceiveAsync(socket);
        Assert.Equal("end", (await ReceiveAsync(socket))?.Text("type"));
        await SendAsync(socket, """{"type":"resume","requestId":"r2","id":"s1","headers":{},"body":{}}""");
        var refused = await ReceiveAsync(socket);

        Assert.Contains("revoked", error?.GetProperty("chunk").Text("errorText"), StringComparison.Ordinal);
        Assert.Equal(("error", "r2"), (refused?.Text("type"), refused?.Text("requestId")));
        using var plain = await api.SendAsync(HttpMethod.Get, "/ws/ui-messages", await api.KeyAsync("other"));
        Assert.Equal(HttpStatusCode.UpgradeRequired, plain.StatusCode);
    }

    private static async Task<ClientWebSocket> ConnectAsync(Uri api, string? authorization = null)
    {
        var socket = new ClientWebSocket();
        if (authorization is not null)
        {
            socket.Options.SetRequestHeader("Authorization", authorization);
        }

        await socket.ConnectAsync(new Uri($"ws://{api.Authority}/ws/ui-messages"), CancellationToken.None);
        return socket;
    }

    private static async Task SendAsync(ClientWebSocket socket, string frame)
        => await socket.SendAsync(Encoding.UTF8.GetBytes(frame), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);

    private static async Task<JsonElement?> ReceiveAsync(ClientWebSocket socket)
    {
        using var patience = new CancellationTokenSource(ApiHost.Patience);
        var buffer = new byte[64 * 1024];
        var received = await socket.ReceiveAsync(buffer, patience.Token);
        return received.MessageType == WebSocketMessageType.Close ? null : JsonElement.Parse(buffer.AsSpan(0, received.Count));
    }

    private static async Task<List<JsonElement>> RestAsync(ClientWebSocket socket)
    {
        var frames = new List<JsonElement>();
        while (await ReceiveAsync(socket) is { } frame)
        {
            frames.Add(frame);
        }

        return frames;
    }
}
