using AgentStream.Messaging.Encryption;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Redis.Commands;
using AgentStream.Messaging.Redis.Trouble;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace AgentStream.Messaging.Redis.Connection;

/// <summary>Asks Redis, and turns what can go wrong on the way into <see cref="StoreUnavailableException"/>.</summary>
/// <remarks>
/// What it answers is decrypted where it was encrypted; who writes content encrypts it (<see cref="ScriptArguments.Seal"/>).
/// </remarks>
internal sealed partial class RedisLink(
    IConnectionMultiplexer multiplexer, TimeSpan timeout, ContentCipher cipher, ILogger<RedisLink> logger) : IDisposable
{
    private readonly ChannelTurns _turns = new();
    private readonly ClusterLook _cluster = new(multiplexer);

    /// <summary>Called when a connection came back; what was published meanwhile is lost.</summary>
    public Action? Reconnected { get; set; }

    /// <summary>Told of each call whether Redis answered or could not be reached (or refused to work), and which slot was asked.</summary>
    public StoreTrouble? Trouble { get; set; }

    /// <summary>Whether the keys are spread over several nodes.</summary>
    public bool IsCluster => SlotOf("any") >= 0;

    /// <summary>Encrypts and decrypts content.</summary>
    public ContentCipher Cipher => cipher;

    /// <summary>The slot in which a key is; below 0 where there is no cluster.</summary>
    public int SlotOf(RedisKey key) => multiplexer.GetHashSlot(key);

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
                NoteAnswer(keys[0]);
                return new ScriptReply(answer, cipher);
            }
            catch (RedisServerException exception) when (attempt < 4 && exception.Message.Contains("NOSCRIPT", StringComparison.Ordinal))
            {
                // The server does not have the script yet, or forgot it (a restart, SCRIPT FLUSH): it is sent as text.
                // The client believes that a server that had it once still has it, until an answer like this one: so it may take two tries.
                LogForgotten(script.Name);
            }
            catch (Exception exception) when (ToUnavailable(exception, keys[0], cancellationToken) is { } unavailable)
            {
                throw unavailable;
            }
        }
    }

    /// <summary>
    /// Sends one command as the client's own call, which knows what it does. Name <see cref="CommandFlags.DemandMaster"/>: a replica may
    /// lack the newest writes.
    /// </summary>
    /// <param name="key">A key of those that it is about; <c>null</c>: it is about none.</param>
    /// <param name="ask">The call.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<T> AskAsync<T>(RedisKey? key, Func<IDatabase, Task<T>> ask, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await ask(multiplexer.GetDatabase()).WaitAsync(timeout, cancellationToken).ConfigureAwait(false);
            NoteAnswer(key);
            return answer;
        }
        catch (Exception exception) when (ToUnavailable(exception, key, cancellationToken) is { } unavailable)
        {
            throw unavailable;
        }
    }

    /// <summary>Sends a command for which the client has no call.</summary>
    /// <remarks>
    /// It can't know what that does, and selects the database again before whatever follows: for commands that are rare.
    /// </remarks>
    public Task<RedisResult> ExecuteAsync(string command, object[] arguments, CancellationToken cancellationToken)
        => AskAsync(
            arguments.OfType<RedisKey>().Cast<RedisKey?>().FirstOrDefault(),
            database => database.ExecuteAsync(command, arguments, CommandFlags.DemandMaster),
            cancellationToken);

    /// <summary>The nodes of a cluster that have slots and can be asked now.</summary>
    public IEnumerable<IServer> ConnectedPrimaries()
        => multiplexer.GetServers().Where(server => server is { IsConnected: true, IsReplica: false });

    /// <summary>Sends one node of a cluster a command that names no key.</summary>
    public Task<RedisResult> ExecuteAsync(IServer node, string command, object[] arguments, CancellationToken cancellationToken)
        => AskAsync(null, _ => node.ExecuteAsync(command, arguments), cancellationToken);

    /// <summary>Gets fields of a hash.</summary>
    public async Task<ScriptReply> GetFieldsAsync(RedisKey key, string[] fields, CancellationToken cancellationToken)
    {
        RedisValue[] names = [.. fields.Select(field => (RedisValue)field)];
        var values = await AskAsync(key, database => database.HashGetAsync(key, names, CommandFlags.DemandMaster), cancellationToken);
        return new ScriptReply(fields, values, cipher);
    }

    /// <summary>Puts a member into a sorted set, or where it is there elsewhere in it.</summary>
    public Task AddAsync(RedisKey key, string member, double score, CancellationToken cancellationToken)
        => AskAsync(key, database => database.SortedSetAddAsync(key, member, score, CommandFlags.DemandMaster), cancellationToken);

    public Task SubscribeAsync(string channel, Action<RedisChannel, RedisValue> handler, CancellationToken cancellationToken)
        => ChangeAsync(channel, () => multiplexer.GetSubscriber().SubscribeAsync(Name(channel), handler), cancellationToken);

    public Task UnsubscribeAsync(string channel, Action<RedisChannel, RedisValue> handler, CancellationToken cancellationToken)
        => ChangeAsync(channel, () => multiplexer.GetSubscriber().UnsubscribeAsync(Name(channel), handler), cancellationToken);

    public Task PublishAsync(string channel, string message, CancellationToken cancellationToken)
        => AskAsync(null, database => database.PublishAsync(Name(channel), message, CommandFlags.DemandMaster), cancellationToken);

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
        _cluster.Dispose();
    }

    private static RedisChannel Name(string channel) => new(channel, RedisChannel.PatternMode.Literal);

    private StoreUnavailableException? ToUnavailable(Exception exception, RedisKey? key, CancellationToken cancellationToken)
    {
        var unavailable = Translate(exception, cancellationToken);
        if (unavailable is not null && NodeOf(key) is { } slot)
        {
            Trouble?.NoteFailure(slot, asked => SlotSet.With(multiplexer, asked));
        }

        return unavailable;
    }

    private void NoteAnswer(RedisKey? key)
    {
        if (Trouble is { IsCalm: false } trouble && NodeOf(key) is { } slot)
        {
            trouble.NoteAnswer(slot);
        }
    }

    /// <summary>
    /// The slot that was asked; <c>null</c>: any node of a cluster, which says nothing of the others. So it is with channels, too:
    /// every node takes them.
    /// </summary>
    private int? NodeOf(RedisKey? key)
    {
        var slot = multiplexer.GetHashSlot(key ?? "any");
        return key is null && slot >= 0 ? null : slot;
    }

    private static StoreUnavailableException? Translate(Exception exception, CancellationToken cancellationToken) => exception switch
    {
        RedisServerException server
            when RedisFailures.RefusalIn(server.Message) is { } refusal => new StoreUnavailableException(
            refusal switch
            {
                "OOM" => "Redis is full (maxmemory is reached): nothing was written.",
                "READONLY" => "Redis is a read-only replica here: nothing was written.",
                "LOADING" => "Redis is still loading its data.",
                _ => RedisFailures.Explain(refusal, server.Message, "Redis"),
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

    private async Task ChangeAsync(string channel, Func<Task> change, CancellationToken cancellationToken)
    {
        try
        {
            await _turns.TakeAsync(channel, change).WaitAsync(timeout, cancellationToken);
        }
        catch (Exception exception) when (ToUnavailable(exception, null, cancellationToken) is { } unavailable)
        {
            throw unavailable;
        }
    }

    private void OnFailed(object? sender, ConnectionFailedEventArgs args)
    {
        Histories.Forget();
        if (args.ConnectionType == ConnectionType.Interactive && IsCluster)
        {
            // The other connection may break first, while this one still seems to be well.
            _cluster.Begin(args.EndPoint);
        }
    }

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
