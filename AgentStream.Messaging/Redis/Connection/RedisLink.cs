using AgentStream.Messaging.Log;
using AgentStream.Messaging.Redis.Commands;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace AgentStream.Messaging.Redis.Connection;

/// <summary>Asks Redis, and turns what can go wrong on the way into <see cref="StoreUnavailableException"/>.</summary>
internal sealed partial class RedisLink(IConnectionMultiplexer multiplexer, TimeSpan timeout, ILogger<RedisLink> logger) : IDisposable
{
    private static readonly string[] Refusals =
        [
            "OOM", "READONLY", "LOADING", "MISCONF", "NOREPLICAS", "CLUSTERDOWN", "MASTERDOWN", "TRYAGAIN", "MOVED", "ASK", "BUSY",
            "UNKILLABLE", "NOAUTH", "NOPERM", "WRONGPASS", "UNBLOCKED",
        ];

    private readonly ChannelTurns _turns = new();

    /// <summary>Called when a connection came back; what was published meanwhile is lost.</summary>
    public Action? Reconnected { get; set; }

    /// <summary>Told of each call whether Redis answered or could not be reached (or refused to work).</summary>
    public StoreTrouble? Trouble { get; set; }

    /// <summary>The sessions' histories, forgotten with each connection that breaks.</summary>
    public HeardHistories Histories { get; } = new();

    /// <summary>Has <see cref="Reconnected"/> called from now on.</summary>
    public void Watch()
    {
        multiplexer.ConnectionFailed += OnFailed;
        multiplexer.ConnectionRestored += OnRestored;
    }

    /// <summary>Runs a script. Always on the master: a replica may lack the newest writes.</summary>
    public async Task<ScriptReply> EvaluateAsync(
        RedisScript script, RedisKey[] keys, ScriptArguments arguments, CancellationToken cancellationToken)
    {
        var values = arguments.ToArray();
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var database = multiplexer.GetDatabase();
                var asked = attempt == 1
                    ? database.ScriptEvaluateAsync(script.Hash, keys, values, CommandFlags.DemandMaster)
                    : database.ScriptEvaluateAsync(script.Text, keys, values, CommandFlags.DemandMaster);
                var answer = await asked
                    .WaitAsync(timeout, cancellationToken)
                    .ConfigureAwait(false);
                Trouble?.NoteAnswer();
                return new ScriptReply(answer);
            }
            catch (RedisServerException exception) when (attempt < 4 && exception.Message.Contains("NOSCRIPT", StringComparison.Ordinal))
            {
                // The server does not have the script yet, or forgot it (a restart, SCRIPT FLUSH): it is sent as text.
                // The client believes that a server that had it once still has it, until an answer like this one: so it may take two tries.
                LogForgotten(script.Name);
            }
            catch (Exception exception) when (ToUnavailable(exception, cancellationToken) is { } unavailable)
            {
                throw unavailable;
            }
        }
    }

    /// <summary>Sends a command that names no session.</summary>
    public async Task<RedisResult> ExecuteAsync(string command, object[] arguments, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await multiplexer.GetDatabase()
                .ExecuteAsync(command, arguments, CommandFlags.DemandMaster)
                .WaitAsync(timeout, cancellationToken)
                .ConfigureAwait(false);
            Trouble?.NoteAnswer();
            return answer;
        }
        catch (Exception exception) when (ToUnavailable(exception, cancellationToken) is { } unavailable)
        {
            throw unavailable;
        }
    }

    /// <summary>Gets fields of a hash.</summary>
    public async Task<ScriptReply> GetFieldsAsync(RedisKey key, string[] fields, CancellationToken cancellationToken)
        => new(fields, await ExecuteAsync("HMGET", [key, .. fields], cancellationToken));

    public Task SubscribeAsync(string channel, Action<RedisChannel, RedisValue> handler, CancellationToken cancellationToken)
        => ChangeAsync(channel, () => multiplexer.GetSubscriber().SubscribeAsync(Name(channel), handler), cancellationToken);

    public Task UnsubscribeAsync(string channel, Action<RedisChannel, RedisValue> handler, CancellationToken cancellationToken)
        => ChangeAsync(channel, () => multiplexer.GetSubscriber().UnsubscribeAsync(Name(channel), handler), cancellationToken);

    public async Task PublishAsync(string channel, string message, CancellationToken cancellationToken)
        => await ExecuteAsync("PUBLISH", [channel, message], cancellationToken);

    /// <summary>
    /// Whether the keys of one command are in several slots: this is a cluster. A client that knows it does not even ask.
    /// </summary>
    public static bool IsCrossSlot(Exception exception) => exception switch
    {
        RedisServerException => exception.Message.Contains("CROSSSLOT", StringComparison.Ordinal),
        RedisCommandException => exception.Message.Contains("Multi-key operations", StringComparison.Ordinal),
        _ => false,
    };

    /// <summary>
    /// Stops watching. Followers that leave later still unsubscribe, so that the rest stays usable; it holds nothing that needs freeing.
    /// </summary>
    public void Dispose()
    {
        multiplexer.ConnectionFailed -= OnFailed;
        multiplexer.ConnectionRestored -= OnRestored;
    }

    private static RedisChannel Name(string channel) => new(channel, RedisChannel.PatternMode.Literal);

    private StoreUnavailableException? ToUnavailable(Exception exception, CancellationToken cancellationToken)
    {
        var unavailable = Translate(exception, cancellationToken);
        if (unavailable is not null)
        {
            Trouble?.NoteFailure();
        }

        return unavailable;
    }

    private static StoreUnavailableException? Translate(Exception exception, CancellationToken cancellationToken) => exception switch
    {
        RedisServerException server
            when Refusals.FirstOrDefault(refusal => Says(server.Message, refusal)) is { } refusal => new StoreUnavailableException(
            refusal switch
            {
                "OOM" => "Redis is full (maxmemory is reached): nothing was written.",
                "READONLY" => "Redis is a read-only replica here: nothing was written.",
                "LOADING" => "Redis is still loading its data.",
                _ => $"Redis refuses to work ({refusal}).",
            },
            exception),
        RedisServerException => null,
        RedisException => new StoreUnavailableException("Redis can't be reached.", exception),
        TimeoutException => new StoreUnavailableException("Redis did not answer in time.", exception),
        OperationCanceledException
            when !cancellationToken.IsCancellationRequested => new StoreUnavailableException("The connection to Redis broke.", exception),
        ObjectDisposedException => new StoreUnavailableException("The connection to Redis is closed.", exception),
        _ => null,
    };

    /// <summary>An error's first word is its code; one from inside a script follows the script's name, with a dash before it.</summary>
    private static bool Says(string message, string code)
        => message.StartsWith(code + " ", StringComparison.Ordinal) || message.Contains("-" + code + " ", StringComparison.Ordinal);

    private async Task ChangeAsync(string channel, Func<Task> change, CancellationToken cancellationToken)
    {
        try
        {
            await _turns.TakeAsync(channel, change).WaitAsync(timeout, cancellationToken);
        }
        catch (Exception exception) when (ToUnavailable(exception, cancellationToken) is { } unavailable)
        {
            throw unavailable;
        }
    }

    private void OnFailed(object? sender, ConnectionFailedEventArgs args) => Histories.Forget();

    private void OnRestored(object? sender, ConnectionFailedEventArgs args)
    {
        Histories.Forget();
        LogRestored(args.ConnectionType);
        Reconnected?.Invoke();
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Redis does not know the script {Script}; it is sent.")]
    private partial void LogForgotten(string script);

    [LoggerMessage(Level = LogLevel.Information, Message = "The {Connection} connection to Redis is back.")]
    private partial void LogRestored(ConnectionType connection);
}
