using System.Text.Json;
using AgentStream.Messaging.Agents;
using AgentStream.Messaging.Encryption;
using AgentStream.Messaging.Redis.Commands;
using AgentStream.Messaging.Redis.Connection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace AgentStream.Messaging.Redis.Discovery;

/// <summary>The agents of all workers together: each worker publishes its own for a while, and again before that is over.</summary>
internal sealed class RedisAgentCatalog(
    IConnectionMultiplexer multiplexer, IOptions<RedisOptions> options, TimeProvider time, ILoggerFactory loggers)
    : IAgentCatalog, IDisposable
{
    /// <summary>
    /// The time for which a worker's publication counts.
    /// One that stops does not take it back: in a rolling update its successor is there before that.
    /// </summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(30);

    private readonly RedisKeys _keys = new(options.Value.KeyPrefix);
    private readonly RedisLink _link =
        new(multiplexer, options.Value.CommandTimeout, ContentCipher.None, loggers.CreateLogger<RedisLink>());

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<AgentDescription>> ListAsync(CancellationToken cancellationToken = default)
    {
        var published = await _link.EvaluateAsync(
            RedisScript.Published, [_keys.Agents], new ScriptArguments().AddNow(time), cancellationToken);

        // Where workers differ about an agent, as they do in the middle of an update, the one that spoke last is right.
        return [.. published.List("agents").SelectMany(Parse)
            .DistinctBy(agent => agent.Name, StringComparer.OrdinalIgnoreCase)
            .OrderBy(agent => agent.Name, StringComparer.OrdinalIgnoreCase)];
    }

    /// <summary>Says which agents a worker has, for <see cref="Lifetime"/>; what it said before no longer counts.</summary>
    /// <exception cref="Log.StoreUnavailableException">Redis can't be reached.</exception>
    public async Task PublishAsync(string worker, IReadOnlyList<AgentDescription> agents, CancellationToken cancellationToken)
    {
        var member = $"{worker} {JsonSerializer.Serialize(agents, RedisJson.Stored.IReadOnlyListAgentDescription)}";
        var arguments = new ScriptArguments
        {
            { "lifetime", ScriptArguments.ToMicroseconds(Lifetime) },
            { "worker", $"{worker} " },
            { "agents", member },
        };
        await _link.EvaluateAsync(RedisScript.Publish, [_keys.Agents], arguments.AddNow(time), cancellationToken);
    }

    public void Dispose() => _link.Dispose();

    private static IReadOnlyList<AgentDescription> Parse(byte[] member)
        => JsonSerializer.Deserialize(member.AsSpan(member.AsSpan().IndexOf((byte)' ') + 1), RedisJson.Stored.IReadOnlyListAgentDescription)
            ?? [];
}
