using AgentStream.Messaging.Agents;
using AgentStream.Messaging.Redis;
using AgentStream.Messaging.Redis.Discovery;
using AgentStream.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentStream.Tests.Messaging.Redis;

[Collection(RedisCollection.Name)]
public sealed class RedisAgentCatalogTests(RedisServerFixture redis)
{
    private readonly FakeTimeProvider _clock = new();

    [RedisFact]
    public async Task List_OfTwoWorkers_IsTheUnionAndTheLastWordCounts()
    {
        using var catalog = Open();
        await catalog.PublishAsync("w1", [Agent("writer", "old"), Agent("assistant", "m")], CancellationToken.None);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await catalog.PublishAsync("w2", [Agent("writer", "new")], CancellationToken.None);

        var agents = await catalog.ListAsync();

        Assert.Equal([("assistant", "m"), ("writer", "new")], agents.Select(agent => (agent.Name, agent.Model)));
        Assert.True(Assert.Single(agents[0].Tools).Idempotent);
        Assert.Equal(new MissingToolDescription { Name = "files_read", Reason = "Away." }, Assert.Single(agents[0].MissingTools!));
    }

    [RedisFact]
    public async Task List_AfterAWorkerWentSilent_LacksWhatOnlyItHad()
    {
        using var catalog = Open();
        await catalog.PublishAsync("w1", [Agent("writer", "m")], CancellationToken.None);
        _clock.Advance(RedisAgentCatalog.Lifetime / 2);
        await catalog.PublishAsync("w2", [Agent("assistant", "m")], CancellationToken.None);
        Assert.Equal(2, (await catalog.ListAsync()).Count);

        _clock.Advance(RedisAgentCatalog.Lifetime / 2);

        Assert.Equal("assistant", Assert.Single(await catalog.ListAsync()).Name);
    }

    [RedisFact]
    public async Task List_WhereNoWorkerSpoke_IsEmpty()
    {
        using var catalog = Open();

        Assert.Empty(await catalog.ListAsync());
    }

    private static AgentDescription Agent(string name, string model) => new()
    {
        Name = name,
        Description = "Does things.",
        Model = model,
        Tools = [new ToolDescription { Name = "calculator", Description = "Calculates.", Idempotent = true, Approval = false }],
        MissingTools = [new MissingToolDescription { Name = "files_read", Reason = "Away." }],
    };

    private RedisAgentCatalog Open() => new(
        redis.Connection, Microsoft.Extensions.Options.Options.Create(new RedisOptions { KeyPrefix = redis.NewPrefix() }), _clock,
        NullLoggerFactory.Instance);
}
