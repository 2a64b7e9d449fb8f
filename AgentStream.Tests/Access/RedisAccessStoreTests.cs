using AgentStream.Access;
using AgentStream.Access.Records;
using AgentStream.Messaging;
using AgentStream.Messaging.Redis;
using AgentStream.Tests.Messaging.Redis;
using AgentStream.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace AgentStream.Tests.Access;

/// <summary>What servers agree on in Redis.</summary>
[Collection(RedisCollection.Name)]
public sealed class RedisAccessStoreTests(RedisServerFixture redis)
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    [RedisFact]
    public async Task Key_ThatOneServerRevokes_IsNotGoodAtAnother()
    {
        var prefix = redis.NewPrefix();
        var keys = new ApiKeys(Open(prefix), _time);
        using var server = new AccessRecords(Open(prefix), _time, NullLogger<AccessRecords>.Instance);
        var text = (await keys.AddAsync("ci", Scopes.Read, TimeSpan.FromDays(1), default))!;
        await server.LookAsync(default);
        var caller = (await server.FindAsync(SecretHash.Of(text), default))!.ToCaller();
        Assert.True(server.IsGood(caller));

        Assert.True(await keys.RevokeAsync("ci", default));
        await server.LookAsync(default);

        Assert.False(server.IsGood(caller));
        Assert.Null(await server.FindAsync(SecretHash.Of(text), default));
        Assert.Empty(await keys.ListAsync(default));
    }

    [RedisFact]
    public async Task Link_ThatOneServerMakesAndRevokes_IsGoodAtAnotherUntilThen()
    {
        var prefix = redis.NewPrefix();
        using var one = new AccessRecords(Open(prefix), _time, NullLogger<AccessRecords>.Instance);
        using var other = new AccessRecords(Open(prefix), _time, NullLogger<AccessRecords>.Instance);
        var links = new ShareLinks(one, Open(prefix), _time);
        var (session, owner) = (SessionId.Parse("s1"), PrincipalId.Parse("key:ci"));
        await other.LookAsync(default);
        var (link, secret) = (await links.AddAsync(session, owner, TimeSpan.FromDays(1), default))!.Value;
        var caller = link.ToCaller();
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.True(await other.IsGoodAsync(caller, default));
        Assert.Equal(new SharedSession(session, owner), (await other.FindLinkAsync(SecretHash.Of(secret), default))!.ToCaller().Shared);
        Assert.True(await links.RevokeAsync(session, link.Id, default));
        await other.LookAsync(default);

        Assert.False(other.IsGood(caller));
        Assert.Empty(await links.ListAsync(session, default));
    }

    [RedisFact]
    public async Task Nonce_CanBeTakenOnce_WhicheverServerIsAsked()
    {
        var prefix = redis.NewPrefix();
        var (one, other) = (Open(prefix), Open(prefix));

        Assert.True(await one.TryTakeAsync("n1", TimeSpan.FromMinutes(1), default));
        Assert.False(await other.TryTakeAsync("n1", TimeSpan.FromMinutes(1), default));
        Assert.True(await other.TryTakeAsync("n2", TimeSpan.FromMinutes(1), default));
    }

    [RedisFact]
    public async Task EndedCredentials_AreForgotten_WhenAllOfThemWouldHaveEnded()
    {
        var store = Open(redis.NewPrefix());
        await store.AddAsync(EndedCredentials.One("signin:1", _time.GetUtcNow() + TimeSpan.FromHours(1), _time.GetUtcNow()), default);
        _time.Advance(TimeSpan.FromHours(2));

        await store.AddAsync(EndedCredentials.One("signin:2", null, _time.GetUtcNow()), default);

        Assert.Equal("signin:2", Assert.Single((await store.LoadAsync(default)).Ended).Subject);
    }

    private RedisAccessStore Open(string prefix)
        => new(redis.Connection, Options.Create(new RedisOptions { KeyPrefix = prefix }), _time);
}
