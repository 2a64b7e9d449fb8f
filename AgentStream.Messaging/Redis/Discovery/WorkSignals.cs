using System.Globalization;
using System.Runtime.CompilerServices;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Queue;
using AgentStream.Messaging.Redis.Commands;
using AgentStream.Messaging.Redis.Connection;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace AgentStream.Messaging.Redis.Discovery;

/// <summary>Signals between all processes, of work and of runs that shall stop, and the looks that find what nobody signalled.</summary>
internal sealed partial class WorkSignals(
    RedisLink link, RedisKeys keys, SessionIndex work, KeyWalk walk, ILogger<WorkSignals> logger) : IAsyncDisposable
{
    private const int MaxAnnounced = 1024;
    private readonly SignalHub _hub = new();
    private readonly Lock _gate = new();

    // Sessions that somebody announced and that this process has not looked at since, the oldest first.
    private readonly OrderedDictionary<SessionId, bool> _announced = [];
    private readonly SemaphoreSlim _listening = new(1);
    private int _listeners;
    private bool _subscribed;
    private int _looks;

    public async IAsyncEnumerable<QueueSignal> ListenAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _listeners);
        try
        {
            await SubscribeAsync(cancellationToken);
            await foreach (var signal in _hub.ListenAsync(cancellationToken))
            {
                yield return signal;
            }
        }
        finally
        {
            Interlocked.Decrement(ref _listeners);
        }
    }

    /// <summary>
    /// The session that was announced first of those that this process has not looked at since.
    /// To be tried where the index has nothing: its hint may be lost.
    /// </summary>
    public SessionId? TakeAnnounced()
    {
        lock (_gate)
        {
            if (_announced.Count == 0)
            {
                return null;
            }

            var first = _announced.GetAt(0).Key;
            _announced.RemoveAt(0);
            return first;
        }
    }

    /// <summary>This process is about to look at a session: what was announced of it before is of no more use.</summary>
    public void Forget(SessionId sessionId)
    {
        lock (_gate)
        {
            _announced.Remove(sessionId);
        }
    }

    /// <summary>
    /// Finds sessions with work that nobody announced, and runs whose lease has run out; now and then also what the index has lost.
    /// </summary>
    public async Task LookOnceAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _listeners) == 0)
        {
            return;
        }

        await SubscribeAsync(cancellationToken);
        try
        {
            var (due, _) = await work.FindDueAsync(1, TimeSpan.Zero, cancellationToken);
            if (due.Count > 0)
            {
                _hub.AnnounceWork();
            }
        }
        catch (StoreUnavailableException) when (link.IsCluster)
        {
            // The other nodes have work all the same, and whoever announced it may have been heard through the node that is away.
            await walk.StepAsync(AnnounceAsync, cancellationToken);
            throw;
        }

        if (_looks++ % 5 == 0)
        {
            await walk.StepAsync(
                found => link.AskAsync(
                    keys.Work,
                    database => database.SortedSetAddAsync(
                        keys.Work, found.Value, 0, SortedSetWhen.NotExists, CommandFlags.DemandMaster),
                    cancellationToken),
                cancellationToken);
        }
    }

    /// <summary>Hears nothing any more.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_subscribed)
        {
            return;
        }

        try
        {
            await link.UnsubscribeAsync(keys.Signals, OnSignal, CancellationToken.None);
        }
        catch (StoreUnavailableException exception)
        {
            LogDeaf(exception);
        }
    }

    private Task AnnounceAsync(SessionId sessionId)
    {
        Note(sessionId);
        _hub.AnnounceWork();
        return Task.CompletedTask;
    }

    private async Task SubscribeAsync(CancellationToken cancellationToken)
    {
        if (_subscribed)
        {
            return;
        }

        await _listening.WaitAsync(cancellationToken);
        try
        {
            if (!_subscribed)
            {
                await link.SubscribeAsync(keys.Signals, OnSignal, cancellationToken);
                _subscribed = true;
            }
        }
        catch (StoreUnavailableException exception)
        {
            // The next look tries again; until then looks alone find work.
            LogDeaf(exception);
        }
        finally
        {
            _listening.Release();
        }
    }

    private void OnSignal(RedisChannel channel, RedisValue payload)
    {
        switch (((string?)payload ?? "").Split(' '))
        {
            case ["w", var session] when SessionId.TryParse(session, out var sessionId):
                if (Volatile.Read(ref _listeners) > 0)
                {
                    Note(sessionId);
                    _hub.AnnounceWork();
                }

                break;

            case ["c", var session, var run] when SessionId.TryParse(session, out var sessionId) && RunId.TryParse(run, out var runId):
                _hub.AnnounceCancel(sessionId, runId);
                break;

            case ["e", var session, var epochText]
                when SessionId.TryParse(session, out var sessionId)
                    && Epoch.TryParse(epochText, CultureInfo.InvariantCulture, out var epoch):
                _hub.AnnounceErased(sessionId, epoch);
                break;
        }
    }

    private void Note(SessionId sessionId)
    {
        lock (_gate)
        {
            if (_announced.TryAdd(sessionId, true) && _announced.Count > MaxAnnounced)
            {
                // It is in the index, too.
                _announced.RemoveAt(0);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The signals of other processes can't be heard at the moment.")]
    private partial void LogDeaf(Exception exception);
}
