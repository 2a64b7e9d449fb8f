using AgentStream.Messaging.Embedded.Sessions;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;
using AgentStream.Messaging.Session;

namespace AgentStream.Messaging.Embedded;

/// <content>What waits, and who has it.</content>
internal sealed partial class EmbeddedSessionStore
{
    /// <inheritdoc />
    public ValueTask<EnqueueResult> EnqueueAsync(RunRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);

        // JSON that belongs to a document of the caller's would end with it.
        var kept = request with { Context = request.Context?.Clone() };
        return _gate.EnqueueAsync(kept, this, TakeAsync, cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask<EnqueueResult?> FindAsync(RunRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return ExecuteAsync<EnqueueResult?>(
            request.SessionId,
            create: false,
            absent: null,
            (slot, _) => slot.State!.Ledger.State.Owner == request.Owner ? slot.State.Ledger.Find(request) : null,
            cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask<RunClaim?> ClaimAsync(string worker, CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        ArgumentException.ThrowIfNullOrWhiteSpace(worker);
        cancellationToken.ThrowIfCancellationRequested();
        while (_claims.Take(LeaseNow()) is { } candidate)
        {
            try
            {
                // Not to be cancelled: a claim that stands but that nobody was told of would wait for its lease to run out.
                var claim = await ExecuteAsync<RunClaim?>(
                    candidate.SessionId, create: false, absent: null, (slot, now) => Claim(slot, worker, now), CancellationToken.None);
                if (claim is not null)
                {
                    return claim;
                }
            }
            catch (StoreUnavailableException)
            {
                _claims.AddReady(candidate);
                throw;
            }
        }

        return null;
    }

    /// <inheritdoc />
    public ValueTask<RenewResult> RenewAsync(RunLease lease, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(lease);
        return ExecuteAsync(
            lease.SessionId,
            create: false,
            absent: new RenewResult(false, false),
            (slot, _) =>
            {
                var state = slot.State!.Ledger.State;
                if (!SessionRules.Holds(state, lease))
                {
                    return new RenewResult(false, false);
                }

                Lend(slot);
                return new RenewResult(true, state.Started!.Known.CancelRequested);
            },
            cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask<AppendResult> FinishAsync(RunAppend append, RunFinished finished, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(append);
        ArgumentNullException.ThrowIfNull(finished);
        return WriteAsync(append, finished, null, cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask<IReadOnlyList<RunRequest>> ReadSteeringAsync(RunLease lease, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(lease);
        return ExecuteAsync<IReadOnlyList<RunRequest>>(
            lease.SessionId, create: false, absent: [], (slot, _) => slot.State!.Ledger.Steering(lease), cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask<bool> ReleaseAsync(RunLease lease, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(lease);
        return ExecuteAsync(
            lease.SessionId,
            create: false,
            absent: false,
            (slot, now) =>
            {
                var record = SessionRules.Release(slot.State!.Ledger.State, lease, now);
                if (record is not null)
                {
                    slot.Record(record);
                }

                return record is not null;
            },
            cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask<CancelResult> CancelAsync(
        SessionId sessionId, RunId? runId, string by, PrincipalId? owner = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(by);
        return ExecuteAsync(
            sessionId,
            create: false,
            absent: new CancelResult(CancelStatus.NotFound, null),
            (slot, now) =>
            {
                if (!slot.State!.Ledger.State.IsOf(owner))
                {
                    return new CancelResult(CancelStatus.NotFound, null);
                }

                var (result, record) = slot.State.Ledger.Cancel(runId, by, now);
                if (record is not null)
                {
                    slot.Record(record);
                    if (result.Status == CancelStatus.Requested)
                    {
                        slot.Open!.Cancelled.Add(result.RunId!.Value);
                    }
                }

                return result;
            },
            cancellationToken);
    }

    /// <inheritdoc />
    public IAsyncEnumerable<QueueSignal> ListenAsync(CancellationToken cancellationToken = default)
        => _signals.ListenAsync(cancellationToken);

    private ValueTask<EnqueueResult> TakeAsync(RunRequest request, CancellationToken cancellationToken)
        => ExecuteAsync<EnqueueResult>(
            request.SessionId, create: true, absent: default, (slot, now) => Enqueue(slot, request, now), cancellationToken);

    private EnqueueResult Enqueue(SessionSlot slot, RunRequest request, DateTimeOffset now)
    {
        var session = slot.State is null ? SessionBase.New(slot.SessionId, slot.FreshEpoch, _process, request.Owner, now) : null;
        var state = slot.State ?? new SessionState(session!, _messaging.ConversationBytes);
        var (result, record) = state.Ledger.Enqueue(request, _messaging.MaxQueuedRuns, now);
        if (record is not null)
        {
            if (session is not null)
            {
                // The first record says who the session is; it goes to disk in one write with the message
                // that brings the session into being.
                slot.State = state;
                slot.Record(new BaseRecord { At = now, Session = session });
            }

            slot.Record(record);
            if (record.Entries[0].Event is CancelRequested)
            {
                slot.Open!.Cancelled.Add(record.Entries[0].RunId);
            }
        }

        return result;
    }

    private RunClaim? Claim(SessionSlot slot, string worker, DateTimeOffset now)
    {
        if (!slot.IsClaimable(LeaseNow()) || SessionRules.Claim(slot.State!.Ledger.State, worker, now) is not { } record)
        {
            if (slot.State?.Ledger.State.Started is { IsParked: false })
            {
                // Renewed in the last moment: it is to be looked at again when that lease ends.
                _claims.AddLease(slot, slot.LeaseToken, slot.LeaseEnd);
            }

            return null;
        }

        slot.Record(record);
        Lend(slot);
        return slot.State.Ledger.DescribeClaim(_messaging.LeaseDuration);
    }

    /// <summary>Makes the newest claim last for a full lease from now.</summary>
    private void Lend(SessionSlot slot)
    {
        var token = slot.State!.Ledger.State.Started!.Known.Token;
        var isNew = slot.LeaseToken != token;
        slot.SetLease(token, LeaseNow() + _messaging.LeaseDuration);
        if (isNew)
        {
            _claims.AddLease(slot, token, slot.LeaseEnd);
        }
    }
}
