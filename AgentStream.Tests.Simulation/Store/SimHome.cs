using System.Runtime.CompilerServices;
using System.Threading.Channels;
using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;
using AgentStream.Tests.Simulation.Engine;

namespace AgentStream.Tests.Simulation.Store;

/// <summary>
/// The store as one process has it, over the simulated network: questions and answers may be lost or late, and what it is told of by itself
/// may also come twice and in another order.
/// </summary>
internal sealed class SimHome : ISessionLog, IRunQueue
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly SimProcess _process;
    private readonly SimWorld _world;
    private readonly StoreNode _store;
    private readonly WireFates _fates;
    private readonly SimFeeds _feeds;

    public SimHome(SimProcess process, StoreNode store, WireFates fates)
    {
        (_process, _world, _store, _fates) = (process, process.World, store, fates);
        _feeds = new SimFeeds(process, store, this, fates);
    }

    /// <summary>Hears of each cancel that was taken.</summary>
    public Action<SessionId, CancelResult> Cancelled { get; init; } = (_, _) => { };

    public ValueTask<SessionHead> GetHeadAsync(SessionId sessionId, CancellationToken cancellationToken = default)
        => AskAsync("head", sessionId, store => store.GetHeadAsync(sessionId), cancellationToken);

    public ValueTask<LogBatch> ReadAsync(SessionId sessionId, Cursor cursor, int maxEntries, CancellationToken cancellationToken = default)
        => AskAsync("read", sessionId, store => store.ReadAsync(sessionId, cursor, maxEntries), cancellationToken);

    public IAsyncEnumerable<LogBatch> FollowAsync(SessionId sessionId, Cursor cursor, CancellationToken cancellationToken = default)
        => _feeds.FollowAsync(sessionId, cursor, cancellationToken);

    public ValueTask<SessionSnapshot> SnapshotAsync(SessionId sessionId, CancellationToken cancellationToken = default)
        => AskAsync("snapshot", sessionId, store => store.SnapshotAsync(sessionId), cancellationToken);

    public ValueTask<TranscriptPage> ReadTranscriptAsync(
        SessionId sessionId, Offset? before, int limit, CancellationToken cancellationToken = default)
        => AskAsync("transcript", sessionId, store => store.ReadTranscriptAsync(sessionId, before, limit), cancellationToken);

    public ValueTask<AppendResult> AppendAsync(RunAppend append, CancellationToken cancellationToken = default)
        => AskAsync("write", append.Lease.SessionId, store => store.AppendAsync(append), cancellationToken);

    public ValueTask<bool> RenameAsync(
        SessionId sessionId, string title, PrincipalId? owner = null, CancellationToken cancellationToken = default)
        => throw new NotSupportedException();

    public ValueTask<bool> EraseAsync(SessionId sessionId, PrincipalId? owner = null, CancellationToken cancellationToken = default)
        => throw new NotSupportedException();

    public ValueTask<SessionPage> ListAsync(SessionQuery query, CancellationToken cancellationToken = default)
        => throw new NotSupportedException();

    public ValueTask<EnqueueResult> EnqueueAsync(RunRequest request, CancellationToken cancellationToken = default)
        => AskAsync("enqueue", request.SessionId, store => store.EnqueueAsync(request), cancellationToken);

    public ValueTask<EnqueueResult?> FindAsync(RunRequest request, CancellationToken cancellationToken = default)
        => throw new NotSupportedException();

    public ValueTask<RunClaim?> ClaimAsync(string worker, CancellationToken cancellationToken = default)
        => AskAsync("claim", null, store => store.ClaimAsync(worker), cancellationToken);

    public ValueTask<RenewResult> RenewAsync(RunLease lease, CancellationToken cancellationToken = default)
        => AskAsync("renew", lease.SessionId, store => store.RenewAsync(lease), cancellationToken);

    public ValueTask<AppendResult> FinishAsync(RunAppend append, RunFinished finished, CancellationToken cancellationToken = default)
        => AskAsync("write", append.Lease.SessionId, store => store.FinishAsync(append, finished), cancellationToken);

    public ValueTask<AppendResult> ParkAsync(RunPark park, CancellationToken cancellationToken = default)
        => AskAsync("write", park.Append.Lease.SessionId, store => store.ParkAsync(park), cancellationToken);

    public ValueTask<AnswerResult> AnswerAsync(ApprovalAnswer answer, CancellationToken cancellationToken = default)
        => AskAsync("answer", answer.SessionId, store => store.AnswerAsync(answer), cancellationToken);

    public ValueTask<IReadOnlyList<RunRequest>> ReadSteeringAsync(RunLease lease, CancellationToken cancellationToken = default)
        => AskAsync("steering", lease.SessionId, store => store.ReadSteeringAsync(lease), cancellationToken);

    public ValueTask<bool> ReleaseAsync(RunLease lease, CancellationToken cancellationToken = default)
        => AskAsync("release", lease.SessionId, store => store.ReleaseAsync(lease), cancellationToken);

    public async ValueTask<CancelResult> CancelAsync(
        SessionId sessionId, RunId? runId, string by, PrincipalId? owner = null, CancellationToken cancellationToken = default)
    {
        var result = await AskAsync("cancel", sessionId, store => store.CancelAsync(sessionId, runId, by, owner), cancellationToken);
        Cancelled(sessionId, result);
        return result;
    }

    public ValueTask<LiveRunPage> ListLiveAsync(LiveRunQuery query, CancellationToken cancellationToken = default)
        => throw new NotSupportedException();

    public ValueTask<DaySpending> SpentTodayAsync(PrincipalId owner, CancellationToken cancellationToken = default)
        => throw new NotSupportedException();

    public async IAsyncEnumerable<QueueSignal> ListenAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var news = Channel.CreateBounded<QueueSignal>(new BoundedChannelOptions(256) { FullMode = BoundedChannelFullMode.DropOldest });
        await AskAsync(
            "listen",
            null,
            _ =>
            {
                _store.Listen(
                    signal => _fates.Tell(_process, _store.Process!, $"signal/{_process.Name}", () => news.Writer.TryWrite(signal)),
                    () => _world.Schedule(_process, TimeSpan.FromMilliseconds(50), () => news.Writer.TryComplete()));
                return ValueTask.FromResult(true);
            },
            cancellationToken);
        yield return new WorkAvailable();
        await foreach (var signal in news.Reader.ReadAllAsync(cancellationToken))
        {
            yield return signal;
        }
    }

    /// <summary>Asks the store and waits for its answer.</summary>
    public async ValueTask<T> AskAsync<T>(
        string kind, SessionId? sessionId, Func<StoreDecorator, ValueTask<T>> ask, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var name = $"{kind}/{_process.Name}/{sessionId}";
        var fate = _fates.Of(_process, kind);
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (fate == WireFate.CrashBefore)
        {
            _fates.Crash(_process);
        }
        else
        {
            Send();
        }

        try
        {
            return await answer.Task.WaitAsync(Patience, _process.Clock, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new StoreUnavailableException("The simulated store did not answer in time.");
        }

        void Send()
        {
            var process = _process;
            var latency = _store.Process == process ? TimeSpan.Zero : _world.Draws.Latency(name);
            if (fate == WireFate.Late)
            {
                latency += _world.Draws.Time(name, 500, 9_000);
            }

            _world.Schedule(null, latency, () =>
            {
                if (_store.Process is not { } target || _world.Network.IsCut(process.Name, target.Name))
                {
                    return;
                }

                if (fate == WireFate.FailBefore)
                {
                    Reply(() => answer.TrySetException(Failed()));
                    return;
                }

                _store.Take(
                    sessionId,
                    ask,
                    result => Reply(() =>
                    {
                        if (fate == WireFate.FailAfter)
                        {
                            answer.TrySetException(Failed());
                        }
                        else
                        {
                            answer.TrySetResult(result);
                        }
                    }),
                    exception => Reply(() => answer.TrySetException(exception)));
            });
        }

        void Reply(Action reply)
        {
            if (fate == WireFate.CrashAfter)
            {
                _fates.Crash(_process);
                return;
            }

            var latency = _store.Process == _process ? TimeSpan.Zero : _world.Draws.Latency(name);
            _world.Schedule(_process, latency, () =>
            {
                if (_store.Process is { } source && !_world.Network.IsCut(source.Name, _process.Name))
                {
                    reply();
                }
            });
        }
    }

    private static StoreUnavailableException Failed() => new("The simulated store says that something went wrong.");
}
