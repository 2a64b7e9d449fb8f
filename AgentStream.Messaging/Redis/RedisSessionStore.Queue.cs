using System.Runtime.CompilerServices;
using System.Text.Json;
using AgentStream.Messaging.Json;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;
using AgentStream.Messaging.Redis.Commands;
using AgentStream.Messaging.Redis.Sessions;
using AgentStream.Messaging.Session;

namespace AgentStream.Messaging.Redis;

/// <content>What waits, and what becomes of a run that somebody has.</content>
internal sealed partial class RedisSessionStore
{
    /// <summary>
    /// Sessions as the worker of a lease wrote them last: what it writes next takes one round trip, if nobody else wrote.
    /// </summary>
    private readonly ConditionalWeakTable<RunLease, StoredSession> _written = [];

    /// <inheritdoc />
    public async ValueTask<EnqueueResult> EnqueueAsync(RunRequest request, CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        ArgumentNullException.ThrowIfNull(request);
        return await _gate.EnqueueAsync(request, this, TakeAsync, cancellationToken);
    }

    private async ValueTask<EnqueueResult> TakeAsync(RunRequest request, CancellationToken cancellationToken)
    {
        var lookups = new ScriptArguments { { "message", request.MessageId.Value }, { "run", request.RunId.Value } };
        if (request.ReplacesRunId is { } replaced)
        {
            lookups.Add("replaced", replaced.Value);
        }

        var decided = await _desk.DecideAsync(
            request.SessionId,
            new SessionCommand<EnqueueResult>
            {
                Name = "enqueue",
                Lookups = lookups,
                Begins = request.Owner,
                Decide = (stored, now) => ToChange(
                    SessionRules.Enqueue(stored.State!, stored.Named, request, _messaging.MaxQueuedRuns, now)),
            },
            cancellationToken);
        return decided.Answer;
    }

    /// <inheritdoc />
    public async ValueTask<EnqueueResult?> FindAsync(RunRequest request, CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        ArgumentNullException.ThrowIfNull(request);
        var fingerprint = RequestFingerprint.Of(request);
        var decided = await _desk.DecideAsync(
            request.SessionId,
            new SessionCommand<EnqueueResult?>
            {
                Name = "find",
                Lookups = new ScriptArguments { { "message", request.MessageId.Value } },
                Decide = (stored, _) =>
                    (stored.State?.Owner == request.Owner ? SessionRules.Find(stored.Named.OfMessage, fingerprint) : null, null),
            },
            cancellationToken);
        return decided.Answer;
    }

    /// <inheritdoc />
    public ValueTask<RenewResult> RenewAsync(RunLease lease, CancellationToken cancellationToken = default) => WriteAsync<RenewResult>(
        "renew",
        lease,
        (stored, now) => stored.State is { } state && SessionRules.Holds(state, lease)
            ? (
                new RenewResult(true, state.Started!.Known.CancelRequested),
                new SessionChange { LeaseEnd = now + _messaging.LeaseDuration, MakesRoom = true })
            : (new RenewResult(false, false), null),
        cancellationToken);

    /// <inheritdoc />
    public ValueTask<AppendResult> FinishAsync(RunAppend append, RunFinished finished, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(append);
        ArgumentNullException.ThrowIfNull(finished);
        return AppendAsync(append, finished, null, cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<RunRequest>> ReadSteeringAsync(RunLease lease, CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        ArgumentNullException.ThrowIfNull(lease);
        var keys = _keys.Of(lease.SessionId);
        var meta = await _link.GetFieldsAsync(keys.Meta, ["state"], cancellationToken);
        if (meta.Bytes("state") is not { } json
            || JsonSerializer.Deserialize(json, RedisJson.Stored.LedgerState) is not { } state
            || !SessionRules.Holds(state, lease)
            || state.SteeringOf(lease.RunId).Select(runId => runId.Value).ToArray() is not [_, ..] waiting)
        {
            return [];
        }

        // One that was cancelled or taken in between has none any more.
        var requests = await _link.GetFieldsAsync(keys.Records, waiting, cancellationToken);
        return
        [
            .. from runId in waiting
               let request = requests.Bytes(runId)
               where request is not null
               select JsonSerializer.Deserialize(request, MessagingJson.Wire.RunRequest)!,
        ];
    }

    /// <inheritdoc />
    public ValueTask<bool> ReleaseAsync(RunLease lease, CancellationToken cancellationToken = default)
        => ReleaseAsync(lease, isQuiet: false, cancellationToken);

    /// <inheritdoc />
    public async ValueTask<CancelResult> CancelAsync(
        SessionId sessionId, RunId? runId, string by, PrincipalId? owner = null, CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        ArgumentException.ThrowIfNullOrWhiteSpace(by);
        var lookups = new ScriptArguments();
        if (runId is { } named)
        {
            lookups.Add("run", named.Value);
        }

        var decided = await _desk.DecideAsync(
            sessionId,
            new SessionCommand<CancelResult>
            {
                Name = "cancel",
                Lookups = lookups,
                Decide = (stored, now) => stored.State is { } state && state.IsOf(owner)
                    ? ToChange(SessionRules.Cancel(state, runId, stored.Named.OfRun, by, now))
                    : (new CancelResult(CancelStatus.NotFound, null), null),
            },
            cancellationToken);
        if (decided is { Reply: null, Answer: { Status: CancelStatus.Requested, RunId: { } told } })
        {
            // Asked for before: the worker may not have heard of it.
            await _link.PublishAsync(_keys.Signals, $"c {sessionId} {told}", cancellationToken);
        }

        return decided.Answer;
    }

    /// <inheritdoc />
    public IAsyncEnumerable<QueueSignal> ListenAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        return _signals.ListenAsync(cancellationToken);
    }

    private ValueTask<bool> ReleaseAsync(RunLease lease, bool isQuiet, CancellationToken cancellationToken) => WriteAsync(
        "release",
        lease,
        (stored, now) => stored.State is { } state && SessionRules.Release(state, lease, now) is { } record
            ? (true, new SessionChange { Record = record, MakesRoom = true, IsQuiet = isQuiet })
            : (false, null),
        cancellationToken);

    /// <summary>Decides what the holder of a lease asks for, about the session as it wrote it last.</summary>
    private async ValueTask<T> WriteAsync<T>(
        string name,
        RunLease lease,
        Func<StoredSession, DateTimeOffset, (T Answer, SessionChange? Change)> decide,
        CancellationToken cancellationToken)
    {
        ThrowIfClosed();
        ArgumentNullException.ThrowIfNull(lease);
        var decided = await _desk.DecideAsync(
            lease.SessionId,
            new SessionCommand<T>
            {
                Name = name,
                Lookups = new ScriptArguments { { "run", lease.RunId.Value } },
                Kept = _written.TryGetValue(lease, out var written) ? written : null,
                Decide = decide,
            },
            cancellationToken);
        _written.AddOrUpdate(lease, decided.Stored);
        return decided.Answer;
    }

    private static (T Answer, SessionChange? Change) ToChange<T>((T Answer, SessionRecord? Record) decided)
        => (decided.Answer, decided.Record is { } record ? new SessionChange { Record = record } : null);
}
