using System.Threading.Channels;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Redis.Commands;
using AgentStream.Messaging.Redis.Connection;
using AgentStream.Messaging.Redis.Reading;
using Microsoft.Extensions.Logging;

namespace AgentStream.Messaging.Redis.Following;

/// <summary>The sessions that this process follows, and the two loops that keep them whole.</summary>
internal sealed partial class FeedHub(
    RedisLink link,
    RedisKeys keys,
    SessionReader reader,
    KnownHeads known,
    RedisOptions options,
    TimeProvider timeProvider,
    ILogger<FeedHub> logger)
{
    private const int ReadAtOnce = 512;
    private const int HeadsAtOnce = 500;

    /// <summary>
    /// On a cluster each head is a command of its own; so many a round keep the idle traffic small, and the rounds go around.
    /// </summary>
    private const int SingleHeadsAtOnce = 10;

    private readonly Lock _gate = new();
    private readonly Dictionary<SessionId, Joined> _feeds = [];

    // Unbounded, yet no longer than there are feeds: each stands in it once at most.
    private readonly Channel<FollowedSession> _repairs =
        Channel.CreateUnbounded<FollowedSession>(new UnboundedChannelOptions { SingleReader = true });

    // Unbounded, yet no longer than there were feeds: each leaves once.
    private readonly Channel<FollowedSession> _left =
        Channel.CreateUnbounded<FollowedSession>(new UnboundedChannelOptions { SingleReader = true });
    private bool _isCluster;
    private bool _closed;
    private int _next;

    /// <summary>The number of sessions that are followed.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _feeds.Count;
            }
        }
    }

    /// <summary>The number of entries kept for followers, of all sessions together.</summary>
    public int Entries => Feeds().Sum(feed => feed.Entries);

    /// <summary>
    /// Follows a session until the answer is disposed of; the first follower subscribes, and when the last has left, the hub unsubscribes.
    /// </summary>
    public async Task<FeedSubscription> JoinAsync(SessionId sessionId, CancellationToken cancellationToken)
    {
        Joined joined;
        lock (_gate)
        {
            if (_closed)
            {
                throw new StoreUnavailableException("The session store is not open.");
            }

            if (!_feeds.TryGetValue(sessionId, out joined!) || joined.Start.IsFaulted || joined.Start.IsCanceled)
            {
                var feed = new FollowedSession(sessionId, known, link.Cipher, QueueRepair);
                joined = new Joined(feed, StartAsync(feed));
                _feeds[sessionId] = joined;
            }

            joined.Feed.Followers++;
        }

        var follower = new FeedSubscription(this, joined.Feed);
        try
        {
            await joined.Start.WaitAsync(cancellationToken);
            return follower;
        }
        catch
        {
            follower.Dispose();
            throw;
        }
    }

    /// <summary>Has all followed sessions looked at, because messages may have been lost.</summary>
    public void QueueRepairOfAll()
    {
        foreach (var feed in Feeds())
        {
            QueueRepair(feed);
        }
    }

    /// <summary>
    /// Nobody follows any more: all are told to look again, and <see cref="UnsubscribeFromLeftAsync"/> ends
    /// when it has unsubscribed from all sessions.
    /// </summary>
    public void Close()
    {
        List<Joined> all;
        lock (_gate)
        {
            _closed = true;
            all = [.. _feeds.Values];
            _feeds.Clear();
        }

        foreach (var joined in all)
        {
            _left.Writer.TryWrite(joined.Feed);
            joined.Feed.Wake();
        }

        _left.Writer.TryComplete();
    }

    /// <summary>
    /// Unsubscribes from what nobody follows any more.
    /// No reader waits for that: where Redis is away, each would wait for as long as a command may take.
    /// </summary>
    public async Task UnsubscribeFromLeftAsync()
    {
        var round = new List<Task>();
        while (await _left.Reader.WaitToReadAsync())
        {
            while (_left.Reader.TryRead(out var feed))
            {
                round.Add(UnsubscribeAsync(feed));
            }

            await Task.WhenAll(round);
            round.Clear();
        }
    }

    /// <summary>Fills holes as they are found.</summary>
    public async Task RepairAsync(CancellationToken cancellationToken)
    {
        var round = new List<FollowedSession>();
        while (await _repairs.Reader.WaitToReadAsync(cancellationToken))
        {
            while (round.Count < 64 && _repairs.Reader.TryRead(out var feed))
            {
                // From here on a further wish is a new one: what it saw may be younger than what this round reads.
                Volatile.Write(ref feed.QueuedForRepair, 0);
                round.Add(feed);
            }

            await Task.WhenAll(round.Select(feed => RepairAsync(feed, cancellationToken)));
            round.Clear();
        }
    }

    /// <summary>Finds what pub/sub lost where nothing follows that would show it.</summary>
    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(options.CheckInterval, timeProvider);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            try
            {
                await CheckHeadsAsync(cancellationToken);
            }
            catch (StoreUnavailableException exception)
            {
                LogNotChecked(exception);
                Feeds().ForEach(feed => feed.Fail(exception));
            }
        }
    }

    /// <summary>
    /// One round of <see cref="CheckAsync"/>. It also lets go of what was kept for followers where nothing has come since the round before.
    /// </summary>
    public async Task CheckHeadsAsync(CancellationToken cancellationToken)
    {
        var feeds = Feeds();
        feeds.ForEach(feed => feed.LetGoOfOldEntries());
        if (_isCluster)
        {
            foreach (var feed in feeds.Skip(_next).Concat(feeds.Take(_next)).Take(SingleHeadsAtOnce).ToList())
            {
                await CheckHeadsAsync([feed], cancellationToken);
            }

            _next = feeds.Count == 0 ? 0 : (_next + SingleHeadsAtOnce) % feeds.Count;
            return;
        }

        foreach (var some in feeds.Chunk(HeadsAtOnce))
        {
            try
            {
                await CheckHeadsAsync(some, cancellationToken);
            }
            catch (Exception exception) when (RedisLink.IsCrossSlot(exception))
            {
                _isCluster = true;
                return;
            }
        }
    }

    private async Task CheckHeadsAsync(FollowedSession[] feeds, CancellationToken cancellationToken)
    {
        var answer = await link.EvaluateAsync(
            RedisScript.Heads, [.. feeds.Select(feed => keys.Of(feed.SessionId).Meta)], [], cancellationToken);
        foreach (var (feed, (epoch, last)) in feeds.Zip(answer.Pairs("heads")))
        {
            var isEmpty = epoch.Length == 0;
            if (isEmpty ? feed.Last > Offset.Start : epoch != feed.Epoch.Value || Offset.Parse(last) != feed.Last)
            {
                QueueRepair(feed);
            }
        }
    }

    private List<FollowedSession> Feeds()
    {
        lock (_gate)
        {
            return [.. _feeds.Values.Select(joined => joined.Feed)];
        }
    }

    private void QueueRepair(FollowedSession feed)
    {
        if (Interlocked.Exchange(ref feed.QueuedForRepair, 1) == 0)
        {
            _repairs.Writer.TryWrite(feed);
        }
    }

    private async Task StartAsync(FollowedSession feed)
    {
        // Subscribed before the head is read: what comes in between is in one of the two.
        await link.SubscribeAsync(keys.Of(feed.SessionId).Live, feed.Receive, CancellationToken.None);
        if (!feed.Repair(await reader.ReadAsync(feed.SessionId, Offset.Start, 0, CancellationToken.None)))
        {
            await CatchUpAsync(feed, CancellationToken.None);
        }
    }

    private async Task CatchUpAsync(FollowedSession feed, CancellationToken cancellationToken)
    {
        while (!feed.Repair(await reader.ReadAsync(feed.SessionId, feed.Last, ReadAtOnce, cancellationToken)))
        {
            // A long hole is filled piece by piece.
        }
    }

    private async Task RepairAsync(FollowedSession feed, CancellationToken cancellationToken)
    {
        try
        {
            await CatchUpAsync(feed, cancellationToken);
        }
        catch (SessionUnreadableException exception)
        {
            // Nothing more comes here: whoever follows must not take that for silence.
            LogNotRepaired(exception, feed.SessionId);
            feed.Fail(exception);
        }
        catch (StoreUnavailableException exception)
        {
            // The next round of checks, or the connection that comes back, asks again.
            LogNotRepaired(exception, feed.SessionId);
        }
    }

    private void Leave(FollowedSession feed)
    {
        lock (_gate)
        {
            if (--feed.Followers > 0 || _closed)
            {
                return;
            }

            if (_feeds.TryGetValue(feed.SessionId, out var joined) && joined.Feed == feed)
            {
                _feeds.Remove(feed.SessionId);
            }

            _left.Writer.TryWrite(feed);
        }
    }

    private async Task UnsubscribeAsync(FollowedSession feed)
    {
        try
        {
            await link.UnsubscribeAsync(keys.Of(feed.SessionId).Live, feed.Receive, CancellationToken.None);
        }
        catch (StoreUnavailableException exception)
        {
            // The handler is gone from the client in any case; a connection that is gone has no subscription.
            LogNotUnsubscribed(exception, feed.SessionId);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The followed sessions could not be checked; they are again in a moment.")]
    private partial void LogNotChecked(Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Entries of session {SessionId} are missing here and can't be read yet.")]
    private partial void LogNotRepaired(Exception exception, SessionId sessionId);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Session {SessionId} could not be unsubscribed from.")]
    private partial void LogNotUnsubscribed(Exception exception, SessionId sessionId);

    /// <summary>A reader's share in a feed.</summary>
    internal sealed class FeedSubscription(FeedHub hub, FollowedSession feed) : IDisposable
    {
        private int _disposed;

        public FollowedSession Feed => feed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0)
            {
                hub.Leave(feed);
            }
        }
    }

    private sealed record Joined(FollowedSession Feed, Task Start);
}
