using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json;
using AgentStream.Access;
using AgentStream.Access.Records;
using AgentStream.Access.Schemes;
using AgentStream.Api.Delivery;
using AgentStream.Messaging;
using AgentStream.Messaging.Embedded;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace AgentStream.Tests.Access;

/// <summary>Of whom a proxy says who they are, it says with each request what they may do: one that shows less ends what is open.</summary>
public sealed class ProxyRolesTests : IDisposable
{
    private const string More = "users";
    private const string Less = "none";
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);
    private static readonly PrincipalId Anna = PrincipalIds.OfName("proxy", "anna");

    private readonly TemporaryDirectory _shared = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    public void Dispose() => _shared.Dispose();

    [Fact]
    public async Task LostRole_ThatAnotherServerSees_ClosesSocketsStreamsAndTicketsOnEveryServer_WithinSeconds()
    {
        await using var one = await StartAsync(new FileAccessStore(Shared, TimeProvider.System));
        await using var other = await StartAsync(new FileAccessStore(Shared, TimeProvider.System));
        using var stream = await one.SendAsync(HttpMethod.Get, "/api/sessions/s1/events", headers: headers => Tell(headers, More));
        stream.EnsureSuccessStatusCode();
        var caller = new Caller(Anna, "anna", Scopes.Read | Scopes.Chat, Anna.Value, DateTimeOffset.UtcNow);
        await using var socket = await one.Host.ConnectAsAsync($"Ticket {one.Tickets.Issue(caller, origin: null)}", "/ws/chat/s1");
        await socket.UntilAsync("snapshot");
        using var bert = await one.SendAsync(
            HttpMethod.Get, "/api/sessions/s2/events", headers: headers => headers.Add(GuardedApi.UserHeader, "bert"));
        bert.EnsureSuccessStatusCode();

        var watch = Stopwatch.StartNew();
        using var next = await other.SendAsync(HttpMethod.Get, "/api/sessions", headers: headers => Tell(headers, Less));
        next.EnsureSuccessStatusCode();

        Assert.Equal(4401, await socket.UntilClosedAsync());
        await using var body = await stream.Content.ReadAsStreamAsync();
        await body.CopyToAsync(Stream.Null);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, Longest);
        Assert.Single(one.Host.Services.GetRequiredService<ConnectionRegistry>().All);
    }

    [Fact]
    public async Task Stream_WhoseOwnRequestShowsTheLoss_Stays()
    {
        await using var api = await StartAsync(new FileAccessStore(Shared, _time), _time);
        using var begun = await api.SendAsync(
            HttpMethod.Post, "/api/sessions/s1/messages", body: new { message = "hello" }, headers: headers => Tell(headers, More));
        begun.EnsureSuccessStatusCode();

        using var stream = await api.SendAsync(HttpMethod.Get, "/api/sessions/s1/events", headers: headers => Tell(headers, Less));
        stream.EnsureSuccessStatusCode();
        _time.Advance(TimeSpan.FromSeconds(2));
        await api.Records.LookAsync(default);
        _time.Advance(TimeSpan.FromSeconds(2));

        await (await api.Host.ClaimAsync()).StartAsync();
        using var reader = new StreamReader(await stream.Content.ReadAsStreamAsync());
        string? line;
        do
        {
            line = await reader.ReadLineAsync().WaitAsync(TestTimeouts.Default);
            Assert.NotNull(line);
        }
        while (line != $"event: {EventTypes.RunStarted}");
    }

    [Fact]
    public async Task Loss_IsSeenByAServerThatDidNotKnowThePerson_Once()
    {
        var store = new FileAccessStore(Shared, _time);
        using var records = new AccessRecords(store, _time, NullLogger<AccessRecords>.Instance);
        var (one, other) = (Known(store, records), Known(store, records));
        Assert.False(await one.NoteAsync(Anna, Scopes.Read | Scopes.Chat, default));

        Assert.True(await other.NoteAsync(Anna, Scopes.Read, default));

        // Once: what she opened since then is not to be closed by whoever hears of it later.
        Assert.False(await one.NoteAsync(Anna, Scopes.Read, default));
        Assert.False(await one.NoteAsync(Anna, Scopes.Read | Scopes.Chat, default));

        // Given back and lost again, where the one who hears of the loss heard of the first one last.
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.True(await other.NoteAsync(Anna, Scopes.Read, default));
    }

    [Fact]
    public async Task Loss_ThatCouldNotBeEnded_IsEndedWithTheNextRequest()
    {
        var store = new FailingStore(new FileAccessStore(Shared, _time));
        using var records = new AccessRecords(store, _time, NullLogger<AccessRecords>.Instance);
        var known = Known(store, records);
        await known.NoteAsync(Anna, Scopes.Read | Scopes.Chat, default);

        store.IsAway = true;
        Assert.False(await known.NoteAsync(Anna, Scopes.Read, default));

        store.IsAway = false;
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.True(await known.NoteAsync(Anna, Scopes.Read, default));
    }

    [Fact]
    public async Task Stream_ThatHasBeenOpenForLong_ComesBackThroughTheProxy()
    {
        await using var api = await GuardedApi.StartAsync(
            new() { ["AgentStream:Access:Header:ConnectionLifetime"] = "00:01:00" }, _time);
        using var stream = await api.SendAsync(
            HttpMethod.Get, "/api/sessions/s1/events", headers: headers => headers.Add(GuardedApi.UserHeader, "anna"));
        stream.EnsureSuccessStatusCode();
        await using var client = await api.Host.ConnectAsAsync(await api.KeyAsync("program"), "/ws/chat/s1");
        await client.UntilAsync("snapshot");

        for (var second = 0; second < 60; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        // What a stream says that is to come back at once; that of a program, which no proxy knows, stays.
        using var body = new StreamReader(await stream.Content.ReadAsStreamAsync());
        Assert.Contains("retry:", await body.ReadToEndAsync(), StringComparison.Ordinal);
        await client.SendAsync(JsonSerializer.Serialize(new { type = CommandTypes.Ping }));
        await client.UntilAsync("pong");
    }

    private IOptions<EmbeddedOptions> Shared => Options.Create(new EmbeddedOptions { DataDirectory = _shared.Path });

    private static void Tell(HttpRequestHeaders headers, string role)
    {
        headers.Add(GuardedApi.UserHeader, "anna");
        headers.Add(GuardedApi.RolesHeader, role);
    }

    private static Task<GuardedApi> StartAsync(IAccessStore store, TimeProvider? time = null)
        => GuardedApi.StartAsync(
            new() { ["AgentStream:Access:Roles"] = $"{More}: read chat; *: read" }, time,
            services: services => services.AddSingleton(store));

    private KnownScopes Known(IAccessStore store, AccessRecords records)
        => new(Options.Create(new HeaderAccessOptions()), store, records, _time);

    /// <summary>A store that takes no sign-outs for a while, and all else.</summary>
    private sealed class FailingStore(IAccessStore store) : IAccessStore
    {
        public bool IsAway { get; set; }

        public Task AddAsync(EndedCredentials ended, CancellationToken cancellationToken)
            => IsAway ? throw new StoreUnavailableException("It is away.") : store.AddAsync(ended, cancellationToken);

        public Task<string> VersionAsync(CancellationToken cancellationToken) => store.VersionAsync(cancellationToken);

        public Task<AccessContent> LoadAsync(CancellationToken cancellationToken) => store.LoadAsync(cancellationToken);

        public Task AddAsync(ApiKey key, CancellationToken cancellationToken) => store.AddAsync(key, cancellationToken);

        public Task RemoveAsync(ApiKey key, CancellationToken cancellationToken) => store.RemoveAsync(key, cancellationToken);

        public Task AddAsync(ShareLink link, CancellationToken cancellationToken) => store.AddAsync(link, cancellationToken);

        public Task RemoveAsync(ShareLink link, CancellationToken cancellationToken) => store.RemoveAsync(link, cancellationToken);

        public Task<bool> TryTakeAsync(string nonce, TimeSpan lifetime, CancellationToken cancellationToken)
            => store.TryTakeAsync(nonce, lifetime, cancellationToken);

        public Task GiveBackAsync(string nonce, CancellationToken cancellationToken) => store.GiveBackAsync(nonce, cancellationToken);

        public Task KeepAsync(string name, string text, TimeSpan lifetime, CancellationToken cancellationToken)
            => store.KeepAsync(name, text, lifetime, cancellationToken);

        public Task<string?> FindKeptAsync(string name, CancellationToken cancellationToken)
            => store.FindKeptAsync(name, cancellationToken);

        public Task ForgetAsync(string name, CancellationToken cancellationToken) => store.ForgetAsync(name, cancellationToken);
    }
}
