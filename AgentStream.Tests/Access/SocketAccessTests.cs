using System.Diagnostics;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using AgentStream.Access;
using AgentStream.Api.Access;
using AgentStream.Api.Commands;
using AgentStream.Messaging.Protocol;
using AgentStream.Tests.Api.Support;

namespace AgentStream.Tests.Access;

/// <summary>What somebody may do over a socket is asked for each frame, and ends with what they were recognised by.</summary>
public sealed class SocketAccessTests : IAsyncLifetime
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    private GuardedApi _api = null!;

    /// <summary>Every frame that clients may send, those that a later change adds included.</summary>
    public static TheoryData<string> Frames =>
    [
        .. typeof(CommandTypes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(one => (string)one.GetRawConstantValue()!),
    ];

    public async Task InitializeAsync() => _api = await GuardedApi.StartAsync();

    public async Task DisposeAsync() => await _api.DisposeAsync();

    [Fact]
    public void Command_Each_HasAScope()
    {
        var commands = typeof(ClientCommand).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(ClientCommand))).ToList();
        Assert.Equal(Frames.Count, commands.Count);
        Assert.All(commands, type =>
            Assert.NotEqual(Scopes.None, CommandPermit.ScopeOf((ClientCommand)RuntimeHelpers.GetUninitializedObject(type))));
    }

    [Theory]
    [MemberData(nameof(Frames))]
    public async Task Frame_OfSomebodyWhoMayOnlyRead_IsForbiddenUnlessItChangesNothing(string type)
    {
        var key = await _api.KeyAsync("reader", Scopes.Read);
        await using var client = await _api.Host.ConnectAsAsync(key, "/ws/chat/s1");
        await client.UntilAsync("snapshot");

        await client.SendAsync(Frame(type));

        var answer = (await client.NextAsync())!.Value;
        if (type == CommandTypes.Ping)
        {
            Assert.Equal("pong", answer.Text("type"));
        }
        else
        {
            Assert.Equal(("error", "forbidden"), (answer.Text("type"), answer.GetProperty("data").Text("code")));
        }
    }

    [Theory]
    [MemberData(nameof(Frames))]
    public async Task Frame_OfSomebodyWhoMay_IsNotForbidden(string type)
    {
        var key = await _api.KeyAsync("owner");
        await using var client = await _api.Host.ConnectAsAsync(key, "/ws/chat/s1");
        await client.UntilAsync("snapshot");

        await client.SendAsync(Frame(type));

        var answer = (await client.NextAsync())!.Value;
        Assert.False(answer.GetProperty("data").TryGetProperty("code", out var code) && code.GetString() == "forbidden");
    }

    [Fact]
    public async Task RevokedKey_ClosesItsSocketsAndStreamsWithinSeconds_AndNoOthers()
    {
        var key = await _api.KeyAsync("lost");
        var other = await _api.KeyAsync("kept");
        await using var client = await _api.Host.ConnectAsAsync(key, "/ws/chat/s1");
        await using var kept = await _api.Host.ConnectAsAsync(other, "/ws/chat/s2");
        await client.UntilAsync("snapshot");
        await kept.UntilAsync("snapshot");
        using var stream = await _api.SendAsync(HttpMethod.Get, "/api/sessions/s1/events", key);
        stream.EnsureSuccessStatusCode();

        var watch = Stopwatch.StartNew();
        await _api.Keys.RevokeAsync("lost", CancellationToken.None);

        Assert.Equal(4401, await client.UntilClosedAsync());
        await using var body = await stream.Content.ReadAsStreamAsync();
        await body.CopyToAsync(Stream.Null);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, Longest);
        await kept.SendAsync(Frame(CommandTypes.Ping));
        await kept.NextAsync("pong");
    }

    [Fact]
    public async Task Command_OfARevokedKeyOnAnOpenSocket_IsRefused()
    {
        // A clock that stands: nothing closes the socket before the command comes.
        await using var api = await GuardedApi.StartAsync(time: new FakeTimeProvider(DateTimeOffset.UtcNow));
        var key = await api.KeyAsync("lost");
        await using var client = await api.Host.ConnectAsAsync(key, "/ws/chat/s1");
        await client.UntilAsync("snapshot");
        await api.Keys.RevokeAsync("lost", CancellationToken.None);
        await api.Records.LookAsync(CancellationToken.None);

        await client.ChatAsync("still here", "m1");

        var answer = await client.NextAsync("error");
        Assert.Equal(("unauthenticated", "m1"), (answer.GetProperty("data").Text("code"), answer.GetProperty("data").Text("message_id")));
    }

    [Fact]
    public async Task ExpiredKey_ClosesItsSocket()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var api = await GuardedApi.StartAsync(time: time);
        var key = await api.KeyAsync("short", lifetime: TimeSpan.FromMinutes(5));
        await using var client = await api.Host.ConnectAsAsync(key, "/ws/chat/s1");
        await client.UntilAsync("snapshot");

        time.Advance(TimeSpan.FromMinutes(5));

        Assert.Equal(4401, await client.UntilClosedAsync());
    }

    private static string Frame(string type) => JsonSerializer.Serialize(new
    {
        type,
        payload = new { message = "hello", run_id = "r1", tool_call_id = "t1", approved = true },
    });
}
