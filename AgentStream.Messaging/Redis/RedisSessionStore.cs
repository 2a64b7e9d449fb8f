using AgentStream.Messaging.Attachments;
using AgentStream.Messaging.Encryption;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Owners;
using AgentStream.Messaging.Queue;
using AgentStream.Messaging.Redis.Commands;
using AgentStream.Messaging.Redis.Connection;
using AgentStream.Messaging.Redis.Discovery;
using AgentStream.Messaging.Redis.Following;
using AgentStream.Messaging.Redis.Reading;
using AgentStream.Messaging.Redis.Sessions;
using AgentStream.Messaging.Redis.Trouble;
using AgentStream.Messaging.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace AgentStream.Messaging.Redis;

/// <summary>The log and the queue in Redis, for any number of processes; see docs/redis.md and docs/decisions/0004-redis-home.md.</summary>
/// <remarks>
/// Each session is a handful of keys in one slot. What happens to it is decided here, by the rules of both homes
/// (<see cref="Session.SessionRules"/>), and written by one script there if nobody else has written meanwhile.
/// Everything else in Redis is a hint or an index.
/// </remarks>
internal sealed partial class RedisSessionStore : ISessionLog, IRunQueue, IQueueBacklog, IAsyncDisposable
{
    private readonly MessagingOptions _messaging;
    private readonly RedisOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger<RedisSessionStore> _logger;
    private readonly RedisLink _link;
    private readonly RedisKeys _keys;
    private readonly KnownHeads _known = new();
    private readonly StoreTrouble _trouble;
    private readonly StoreNames _names;
    private readonly SessionHints _hints;
    private readonly SessionDesk _desk;
    private readonly SessionReader _reader;
    private readonly FeedHub _feeds;
    private readonly TranscriptCache _transcripts;
    private readonly SessionIndex _work;
    private readonly SessionIndex _trims;
    private readonly SessionIndex _expiries;
    private readonly OwnerIndex _owners;
    private readonly OwnerBook _book;
    private readonly WorkSignals _signals;
    private readonly OwnerGate _gate;
    private readonly RedisWatch? _watch;
    private readonly CancellationTokenSource _closing = new();
    private Task _unsubscribing = Task.CompletedTask;
    private Task _loops = Task.CompletedTask;
    private bool _open;

    public RedisSessionStore(
        IConnectionMultiplexer multiplexer,
        IOptions<MessagingOptions> messaging,
        IOptions<RedisOptions> options,
        TimeProvider timeProvider,
        ILoggerFactory loggerFactory,
        ContentCipher? cipher = null,
        RedisWatch? watch = null)
    {
        _watch = watch;
        _messaging = messaging.Value;
        _options = options.Value;
        _timeProvider = timeProvider;
        _logger = loggerFactory.CreateLogger<RedisSessionStore>();
        _link = new RedisLink(multiplexer, _options.CommandTimeout, cipher ?? ContentCipher.None, loggerFactory.CreateLogger<RedisLink>());
        _trouble = new StoreTrouble(timeProvider, _messaging.LeaseDuration);
        _link.Trouble = _trouble;
        _keys = new RedisKeys(_options.KeyPrefix);
        _names = new StoreNames(_link, _keys, _options.SessionRetention, timeProvider);
        _work = new SessionIndex(_link, _keys.Work, timeProvider, loggerFactory.CreateLogger<SessionIndex>());
        _trims = new SessionIndex(_link, _keys.Trims, timeProvider, loggerFactory.CreateLogger<SessionIndex>());
        _expiries = new SessionIndex(_link, _keys.Expiries, timeProvider, loggerFactory.CreateLogger<SessionIndex>());
        _owners = new OwnerIndex(_link, _keys, _options.SessionRetention, loggerFactory.CreateLogger<OwnerIndex>());
        Erased = new ErasedSessions(_link, _keys.Erased, timeProvider);
        var walk = new KeyWalk(_link, _keys, loggerFactory.CreateLogger<KeyWalk>());
        _signals = new WorkSignals(_link, _keys, _work, walk, loggerFactory.CreateLogger<WorkSignals>());
        _book = new OwnerBook(_link, _keys, _options.SessionRetention, loggerFactory.CreateLogger<OwnerBook>());
        _gate = new OwnerGate(_book, _messaging, timeProvider);
        Attachments = new AttachmentStore(new RedisAttachments(_link, _keys, _messaging), _gate, _messaging);
        _hints = new SessionHints(_work, _trims, _expiries, _owners, _book, _messaging.ReplayWindow);
        _desk = new SessionDesk(
            _link, _keys, _names, _known, _hints, _options, _messaging, timeProvider, loggerFactory.CreateLogger<SessionDesk>());
        _reader = new SessionReader(_link, _keys, _names, _known, _desk);
        _feeds = new FeedHub(_link, _keys, _reader, _known, _options, timeProvider, loggerFactory.CreateLogger<FeedHub>());
        _transcripts = new TranscriptCache(_link, _keys, _reader, timeProvider, _messaging.SnapshotMessages);
    }

    /// <summary>Ends when the store was closed, or fails with what one of its loops failed with.</summary>
    public Task Completion => _loops;

    /// <summary>The attachments of the sessions.</summary>
    public AttachmentStore Attachments { get; }

    /// <summary>The sessions that were erased lately.</summary>
    public ErasedSessions Erased { get; }

    /// <summary>For tests and people who look: the sessions that this process follows.</summary>
    public FeedHub Feeds => _feeds;

    /// <summary>Waits for Redis, and says what is wrong with how it is set up.</summary>
    /// <exception cref="StoreUnavailableException">It did not answer within <see cref="RedisOptions.StartTimeout"/>.</exception>
    public async Task OpenAsync(CancellationToken cancellationToken = default)
    {
        await WaitForRedisAsync(cancellationToken);
        await EngineCheck.RunAsync(_link, _keys, cancellationToken);
        await _names.CheckFormatAsync(cancellationToken);
        await CheckMemoryPolicyAsync(cancellationToken);
        _link.Reconnected = _feeds.QueueRepairOfAll;
        _link.Watch();
        _open = true;
        _unsubscribing = _feeds.UnsubscribeFromLeftAsync();
        _loops = EndWithFirstAsync(
            token => [_feeds.RepairAsync(token), _feeds.CheckAsync(token), _unsubscribing.WaitAsync(token)], _closing.Token);
    }

    /// <summary>
    /// Runs the background work: retention, saying what expired, and finding work that nobody announced.
    /// Ends with the token, or fails as <see cref="Completion"/> does.
    /// </summary>
    public Task RunAsync(CancellationToken cancellationToken) => EndWithFirstAsync(
        token =>
        [
            _loops.WaitAsync(token),
            RunEveryAsync(RetentionInterval, RetainOnceAsync, token),
            RunEveryAsync(_options.LookInterval, _signals.LookOnceAsync, token),
            RunEveryAsync(ExpiryInterval, ExpireAsync, token),
        ],
        cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (!_open)
        {
            return;
        }

        _open = false;
        await _closing.CancelAsync();
        await _loops;
        _feeds.Close();
        await Task.WhenAll(_unsubscribing, _signals.DisposeAsync().AsTask());
        await _moving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _link.Dispose();
    }

    private async Task WaitForRedisAsync(CancellationToken cancellationToken)
    {
        var began = _timeProvider.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), _timeProvider);
        while (true)
        {
            try
            {
                await _link.ExecuteAsync("PING", [], cancellationToken);
                return;
            }
            catch (StoreUnavailableException exception)
            {
                // Each of its sentences is said once, when it begins to be true; the last one is why there is no start.
                var trouble = _watch is null ? null : await _watch.LookAsync(cancellationToken);
                if (_timeProvider.GetElapsedTime(began) >= _options.StartTimeout)
                {
                    throw new StoreUnavailableException(
                        $"No start without Redis, after {_options.StartTimeout.TotalSeconds:0} s "
                        + $"({RedisOptions.Section}:{nameof(RedisOptions.StartTimeout)}). "
                        + (trouble ?? $"It does not answer: start it, or correct ConnectionStrings:{RedisOptions.ConnectionName}."),
                        exception);
                }
            }

            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }

    private async Task CheckMemoryPolicyAsync(CancellationToken cancellationToken)
    {
        try
        {
            var memory = (string?)await _link.ExecuteAsync("INFO", ["memory"], cancellationToken) ?? "";
            const string Name = "maxmemory_policy:";
            var at = memory.IndexOf(Name, StringComparison.Ordinal);
            var policy = at < 0 ? null : memory[(at + Name.Length)..].Split('\r', '\n')[0];
            if (policy is not (null or "noeviction"))
            {
                LogEvicts(policy);
            }
        }
        catch (Exception exception)
            when (exception is RedisServerException or StoreUnavailableException { InnerException: RedisServerException })
        {
            // A user who may not ask (NOPERM): what the server does not say is no reason not to work.
            LogPolicyUnknown(exception);
        }
    }

    /// <summary>The first loop that ends takes the others with it.</summary>
    private static async Task EndWithFirstAsync(Func<CancellationToken, Task[]> begin, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var loops = begin(ending.Token);
        try
        {
            await await Task.WhenAny(loops);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // It shall end.
        }
        finally
        {
            await ending.CancelAsync();
            await Task.WhenAll(loops).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task RunEveryAsync(TimeSpan interval, Func<CancellationToken, Task> round, CancellationToken cancellationToken)
    {
        while (true)
        {
            // A little early or late, so that processes that started together do not ask together.
            await Task.Delay(interval * (0.8 + (0.4 * Random.Shared.NextDouble())), _timeProvider, cancellationToken);
            try
            {
                await round(cancellationToken);
            }
            catch (StoreUnavailableException exception)
            {
                LogRoundFailed(exception);
            }
        }
    }

    private void ThrowIfClosed()
    {
        if (!_open)
        {
            throw new StoreUnavailableException("The session store is not open.");
        }
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Redis runs with maxmemory-policy {Policy}: when its memory is full it throws parts of sessions away. Set it to "
            + "noeviction.")]
    private partial void LogEvicts(string policy);

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Whether Redis runs with maxmemory-policy noeviction, as it must, can't be seen from here.")]
    private partial void LogPolicyUnknown(Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Redis could not be looked through; it is again in a moment.")]
    private partial void LogRoundFailed(Exception exception);
}
