using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;
using AgentStream.Messaging;
using AgentStream.Messaging.Encryption;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Redis.Following;
using AgentStream.Messaging.Redis.Reading;
using AgentStream.Tests.Simulation.Engine;
using StackExchange.Redis;

namespace AgentStream.Tests.Simulation.Store;

/// <summary>
/// The sessions that a process follows: the Redis home's own <see cref="FollowedSession"/>, which makes a log again of messages that are
/// lost, late, doubled and in another order; the loops around it that ask Redis are played here.
/// </summary>
internal sealed class SimFeeds
{
    private const int ReadAtOnce = 512;
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(1);

    private readonly SimProcess _process;
    private readonly StoreNode _store;
    private readonly SimHome _home;
    private readonly WireFates _fates;
    private readonly KnownHeads _known = new();
    private readonly Dictionary<SessionId, Joined> _feeds = [];
    private readonly RedisChannel _channel = RedisChannel.Literal("live");
    private Task _checking = Task.CompletedTask;

    public SimFeeds(SimProcess process, StoreNode store, SimHome home, WireFates fates)
    {
        (_process, _store, _home, _fates) = (process, store, home, fates);
        store.Opened += () => process.World.Schedule(
            process, process.World.Draws.Time($"reconnect/{process.Name}", 5, 900), Resubscribe);
    }

    public async IAsyncEnumerable<LogBatch> FollowAsync(
        SessionId sessionId, Cursor cursor, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (_checking.IsCompleted)
        {
            _process.World.Begin(_checking = CheckAsync());
        }

        var joined = Join(sessionId);
        try
        {
            await joined.Start.WaitAsync(cancellationToken);
            while (true)
            {
                var (batch, changed) = joined.Feed.View(cursor);
                batch ??= await _home.ReadAsync(sessionId, cursor, ReadAtOnce, cancellationToken);
                if (batch.Resync is not null)
                {
                    yield return batch;
                    yield break;
                }

                if (batch.Entries.Count > 0)
                {
                    cursor = new Cursor(batch.Epoch, batch.Entries[^1].Offset);
                    yield return batch;
                }
                else
                {
                    cursor = new Cursor(batch.Epoch, cursor.After);
                    await changed.WaitAsync(cancellationToken);
                }
            }
        }
        finally
        {
            joined.Feed.Followers--;
        }
    }

    private Joined Join(SessionId sessionId)
    {
        if (!_feeds.TryGetValue(sessionId, out var joined) || joined.Start.IsFaulted)
        {
            var feed = new FollowedSession(sessionId, _known, ContentCipher.None, QueueRepair);
            _feeds[sessionId] = joined = new Joined(feed, StartAsync(feed));
        }

        joined.Feed.Followers++;
        return joined;
    }

    private async Task StartAsync(FollowedSession feed)
    {
        await SubscribeAsync(feed);
        if (!feed.Repair(await ReadAsync(feed.SessionId, Offset.Start, 0)))
        {
            await CatchUpAsync(feed);
        }
    }

    private ValueTask<bool> SubscribeAsync(FollowedSession feed)
        => _home.AskAsync(
            "subscribe",
            feed.SessionId,
            async store =>
            {
                var head = await store.GetHeadAsync(feed.SessionId);
                _store.Follow(
                    feed.SessionId,
                    new Cursor(head.Epoch, head.LastSeq),
                    batch => _fates.Tell(
                        _process, _store.Process!, $"live/{_process.Name}/{feed.SessionId}", () => feed.Receive(_channel, Message(batch))));
                return true;
            },
            CancellationToken.None);

    private void Resubscribe()
    {
        foreach (var joined in _feeds.Values)
        {
            _process.World.Begin(AgainAsync(joined.Feed));
        }
    }

    private async Task AgainAsync(FollowedSession feed)
    {
        while (true)
        {
            try
            {
                await SubscribeAsync(feed);
                break;
            }
            catch (StoreUnavailableException)
            {
                await Task.Delay(CheckInterval, _process.Clock);
            }
        }

        QueueRepair(feed);
    }

    private void QueueRepair(FollowedSession feed)
    {
        if (Interlocked.Exchange(ref feed.QueuedForRepair, 1) == 0)
        {
            _process.World.Begin(RepairAsync(feed));
        }
    }

    private async Task RepairAsync(FollowedSession feed)
    {
        await Task.Yield();
        Volatile.Write(ref feed.QueuedForRepair, 0);
        try
        {
            await CatchUpAsync(feed);
        }
        catch (StoreUnavailableException)
        {
            // The next check asks again.
        }
    }

    private async Task CatchUpAsync(FollowedSession feed)
    {
        while (!feed.Repair(await ReadAsync(feed.SessionId, feed.Last, ReadAtOnce)))
        {
            // A long hole is filled piece by piece.
        }
    }

    private ValueTask<StoredLog> ReadAsync(SessionId sessionId, Offset after, int maxEntries)
        => _home.AskAsync(
            "repair",
            sessionId,
            async store =>
            {
                var head = await store.GetHeadAsync(sessionId);
                var from = after < head.TrimmedThrough ? head.TrimmedThrough : after;
                var batch = maxEntries == 0 ? null : await store.ReadAsync(sessionId, new Cursor(null, from), maxEntries);
                return new StoredLog(head, batch?.Entries ?? []);
            },
            CancellationToken.None);

    private async Task CheckAsync()
    {
        using var timer = new PeriodicTimer(CheckInterval, _process.Clock);
        while (await timer.WaitForNextTickAsync())
        {
            foreach (var joined in _feeds.Values.Where(joined => joined.Feed.Followers > 0).ToList())
            {
                joined.Feed.LetGoOfOldEntries();
                try
                {
                    var head = await _home.GetHeadAsync(joined.Feed.SessionId);
                    if (joined.Start.IsCompletedSuccessfully && (head.Epoch != joined.Feed.Epoch || head.LastSeq != joined.Feed.Last))
                    {
                        QueueRepair(joined.Feed);
                    }
                }
                catch (StoreUnavailableException exception)
                {
                    joined.Feed.Fail(exception);
                }
            }
        }
    }

    // As commit.lua publishes it.
    private static byte[] Message(LogBatch batch)
    {
        if (batch.Entries.Count == 0)
        {
            return "R\n"u8.ToArray();
        }

        var bytes = new ArrayBufferWriter<byte>();
        bytes.Write(Encoding.ASCII.GetBytes($"E {batch.Epoch} {batch.Entries[0].Offset} {batch.Entries[^1].Offset}\n"));
        foreach (var entry in batch.Entries)
        {
            BinaryPrimitives.WriteInt32BigEndian(bytes.GetSpan(sizeof(int)), entry.Frame.Length);
            bytes.Advance(sizeof(int));
            bytes.Write(entry.Frame.Span);
        }

        return bytes.WrittenSpan.ToArray();
    }

    private sealed record Joined(FollowedSession Feed, Task Start);
}
