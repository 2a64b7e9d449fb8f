using System.Runtime.CompilerServices;
using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;
using AgentStream.Tests.Simulation.Store;

namespace AgentStream.Tests.Simulation.Mutants;

/// <summary>A store that does one thing wrong.</summary>
internal sealed class Mutant(StoreDecorator inner) : StoreDecorator(inner)
{
    /// <summary>Each write of a run, its end and its questions included.</summary>
    public Func<RunAppend, Func<RunAppend, ValueTask<AppendResult>>, ValueTask<AppendResult>> Write { get; init; }
        = (append, write) => write(append);

    /// <summary>What is left of a last write beside the end itself.</summary>
    public Func<RunAppend, RunAppend> LastWrite { get; init; } = append => append;

    public Func<RunClaim?, RunClaim?> Claim { get; init; } = claim => claim;

    public Func<RunLease, Func<ValueTask<RenewResult>>, ValueTask<RenewResult>> Renew { get; init; } = (_, renew) => renew();

    public Func<RunRequest, RunRequest> Enqueue { get; init; } = request => request;

    public Func<SessionId, Func<ValueTask<CancelResult>>, ValueTask<CancelResult>> Cancel { get; init; } = (_, cancel) => cancel();

    public Func<SessionHead, SessionHead> Head { get; init; } = head => head;

    public Func<LogBatch, LogBatch> Read { get; init; } = batch => batch;

    public Func<SessionSnapshot, SessionSnapshot> Snapshot { get; init; } = snapshot => snapshot;

    public Func<QueueSignal, bool> Passes { get; init; } = _ => true;

    public override async ValueTask<SessionHead> GetHeadAsync(SessionId sessionId, CancellationToken cancellationToken = default)
        => Head(await base.GetHeadAsync(sessionId, cancellationToken));

    public override async ValueTask<LogBatch> ReadAsync(
        SessionId sessionId, Cursor cursor, int maxEntries, CancellationToken cancellationToken = default)
        => Read(await base.ReadAsync(sessionId, cursor, maxEntries, cancellationToken));

    public override async ValueTask<SessionSnapshot> SnapshotAsync(SessionId sessionId, CancellationToken cancellationToken = default)
        => Snapshot(await base.SnapshotAsync(sessionId, cancellationToken));

    public override ValueTask<AppendResult> AppendAsync(RunAppend append, CancellationToken cancellationToken = default)
        => Write(append, changed => base.AppendAsync(changed, cancellationToken));

    public override ValueTask<AppendResult> FinishAsync(
        RunAppend append, RunFinished finished, CancellationToken cancellationToken = default)
        => Write(LastWrite(append), changed => base.FinishAsync(changed, finished, cancellationToken));

    public override ValueTask<AppendResult> ParkAsync(RunPark park, CancellationToken cancellationToken = default)
        => Write(park.Append, changed => base.ParkAsync(park with { Append = changed }, cancellationToken));

    public override ValueTask<EnqueueResult> EnqueueAsync(RunRequest request, CancellationToken cancellationToken = default)
        => base.EnqueueAsync(Enqueue(request), cancellationToken);

    public override async ValueTask<RunClaim?> ClaimAsync(string worker, CancellationToken cancellationToken = default)
        => Claim(await base.ClaimAsync(worker, cancellationToken));

    public override ValueTask<RenewResult> RenewAsync(RunLease lease, CancellationToken cancellationToken = default)
        => Renew(lease, () => base.RenewAsync(lease, cancellationToken));

    public override ValueTask<CancelResult> CancelAsync(
        SessionId sessionId, RunId? runId, string by, PrincipalId? owner = null, CancellationToken cancellationToken = default)
        => Cancel(sessionId, () => base.CancelAsync(sessionId, runId, by, owner, cancellationToken));

    public override async IAsyncEnumerable<QueueSignal> ListenAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var signal in base.ListenAsync(cancellationToken))
        {
            if (Passes(signal))
            {
                yield return signal;
            }
        }
    }
}
