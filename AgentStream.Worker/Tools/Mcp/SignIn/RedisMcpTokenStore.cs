using AgentStream.Messaging.Log;
using AgentStream.Messaging.Redis;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace AgentStream.Worker.Tools.Mcp.SignIn;

/// <summary>In Redis, for all workers.</summary>
/// <remarks>
/// <c>mcp:tokens</c>, hash, server → protected text; <c>mcp:turn:{server}</c>, who renews them, for half a minute at most.
/// </remarks>
internal sealed class RedisMcpTokenStore(IConnectionMultiplexer redis, IOptions<RedisOptions> options, TimeProvider time) : IMcpTokenStore
{
    private const string Release = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0";
    private static readonly TimeSpan LongestTurn = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly string _prefix = options.Value.KeyPrefix + "mcp:";

    private IDatabase Database => redis.GetDatabase();

    private RedisKey Tokens => _prefix + "tokens";

    public async Task<string?> ReadAsync(string server, CancellationToken cancellationToken)
        => await AskAsync(Database.HashGetAsync(Tokens, server), cancellationToken);

    public Task WriteAsync(string server, string text, CancellationToken cancellationToken)
        => AskAsync(Database.HashSetAsync(Tokens, server, text), cancellationToken);

    public Task<bool> RemoveAsync(string server, CancellationToken cancellationToken)
        => AskAsync(Database.HashDeleteAsync(Tokens, server), cancellationToken);

    public async Task<IAsyncDisposable> TakeTurnAsync(string server, CancellationToken cancellationToken)
    {
        RedisKey key = _prefix + "turn:" + server;
        RedisValue holder = Guid.NewGuid().ToString("N");
        while (!await AskAsync(Database.StringSetAsync(key, holder, LongestTurn, When.NotExists), cancellationToken))
        {
            await Task.Delay(Pause, time, cancellationToken);
        }

        return new Turn(Database, key, holder);
    }

    private static async Task<T> AskAsync<T>(Task<T> command, CancellationToken cancellationToken)
    {
        try
        {
            return await command.WaitAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            throw new StoreUnavailableException("Redis did not answer about the tokens for MCP servers.", exception);
        }
    }

    private sealed class Turn(IDatabase database, RedisKey key, RedisValue holder) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            try
            {
                await database.ScriptEvaluateAsync(Release, [key], [holder]);
            }
            catch (Exception exception) when (exception is RedisException or TimeoutException)
            {
                // It ends by itself in a moment.
            }
        }
    }
}
