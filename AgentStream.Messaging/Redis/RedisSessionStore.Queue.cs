using System.Text;
using System.Text.Json;
using AgentStream.Messaging.Json;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;
using AgentStream.Messaging.Redis.Commands;
using AgentStream.Messaging.Transcript;
using StackExchange.Redis;

namespace AgentStream.Messaging.Redis;

/// <content>What waits, and what becomes of a run that somebody has.</content>
internal sealed partial class RedisSessionStore
{
    private const string Interrupt = "interrupt";

    /// <inheritdoc />
    public async ValueTask<EnqueueResult> EnqueueAsync(RunRequest request, CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        ArgumentNullException.ThrowIfNull(request);
        var sessionId = request.SessionId;
        var session = _keys.Of(sessionId);
        var now = Now();
        var queued = BodyTemplate.OfPosition(
            new RunQueued
            {
                Message = request.Message,
                MessageId = request.MessageId,
                AgentName = request.AgentName,
                EnableReasoning = request.EnableReasoning,
                ReplacesRunId = request.ReplacesRunId,
            },
            request.RunId,
            now);
        var interrupt = BodyTemplate.OfRun(new CancelRequested { By = Interrupt }, now);
        var finished = BodyTemplate.OfRun(new RunFinished { Status = RunStatus.Cancelled }, now);
        var resolved = ResolvedTemplate.Of(call => Resolutions.Cancelled(call, Interrupt), now);
        var fingerprint = RequestFingerprint.Of(request);
        var json = JsonSerializer.SerializeToUtf8Bytes(request, MessagingJson.Wire.RunRequest);

        // The first try goes without the name of a fresh epoch: most sessions have theirs.
        var (fresh, history) = ("", "");
        for (var attempt = 1; attempt <= 5; attempt++)
        {
            var values = _arguments.Of(
                session,
                _known.Get(sessionId),
                fresh,
                history,
                request.Owner.Value,
                TitleOfMessage.From(request.Message),
                request.RunId.Value,
                request.MessageId.Value,
                fingerprint,
                json,
                Encoding.UTF8.GetByteCount(request.Message),
                request.OnBusy switch { OnBusy.Reject => "reject", OnBusy.Interrupt => "interrupt", _ => "enqueue" },
                _messaging.MaxQueuedRuns,
                request.ReplacesRunId?.Value ?? "",
                queued.Head,
                queued.Tail,
                interrupt.Head,
                interrupt.Tail,
                finished.Head,
                finished.Tail,
                resolved.Head,
                resolved.Middle,
                resolved.Tail,
                _messaging.ConversationBytes);

            // The hint goes first: a process that dies in between leaves one too many, never one too few.
            var hint = _work.HintAsync(sessionId, cancellationToken);
            RedisResult[] answer;
            try
            {
                answer = (RedisResult[])(await _link.EvaluateAsync(RedisScript.Enqueue, session.All, values, cancellationToken))!;
            }
            finally
            {
                await hint;
            }

            switch ((string)answer[0]!)
            {
                case "accepted":
                    var seq = new Offset((long)answer[2]);
                    _known.Observe(sessionId, Epoch.Parse((string)answer[1]!), seq);
                    await _owners.NoteAsync(PrincipalId.Parse((string)answer[4]!), sessionId, (long)answer[3], cancellationToken);
                    return new EnqueueResult(EnqueueStatus.Accepted, request.RunId, seq);

                case "duplicate" or "conflict":
                    return ToFound(answer);

                case "not_owner":
                    return new EnqueueResult(EnqueueStatus.NotOwner, default, default);

                case "busy":
                    return new EnqueueResult(EnqueueStatus.Busy, default, default);

                case "full":
                    return new EnqueueResult(EnqueueStatus.QueueFull, default, default);

                case "unknown_replaced":
                    return new EnqueueResult(EnqueueStatus.UnknownReplaced, default, default);

                case "run_known":
                    throw new ArgumentException($"Run {request.RunId} is already known in session {sessionId}.", nameof(request));

                default:
                    // Absent, gone a moment ago, or short of entries that it had: reading names the epoch, and mends.
                    var found = await _reader.ReadAsync(sessionId, Offset.Start, 0, cancellationToken);
                    (fresh, history) = found.Head.Exists ? ("", "") : (found.Head.Epoch.Value, found.History);
                    break;
            }
        }

        throw new StoreUnavailableException($"Session {sessionId} changes too fast.");
    }

    /// <inheritdoc />
    public async ValueTask<EnqueueResult?> FindAsync(RunRequest request, CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        ArgumentNullException.ThrowIfNull(request);
        var session = _keys.Of(request.SessionId);
        var fingerprint = RequestFingerprint.Of(request);
        for (var attempt = 1; attempt <= 3; attempt++)
        {
            var answer = (RedisResult[])(await _link.EvaluateAsync(
                RedisScript.Find,
                session.All,
                _arguments.Of(session, _known.Get(request.SessionId), request.MessageId.Value, fingerprint),
                cancellationToken))!;
            switch ((string)answer[0]!)
            {
                case "new":
                    return null;

                case "duplicate" or "conflict":
                    return ToFound(answer);

                default:
                    // Redis has fewer entries than it had: reading mends that.
                    await _reader.ReadAsync(request.SessionId, Offset.Start, 0, cancellationToken);
                    break;
            }
        }

        throw new StoreUnavailableException($"Session {request.SessionId} changes too fast.");
    }

    /// <inheritdoc />
    public async ValueTask<RenewResult> RenewAsync(RunLease lease, CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        ArgumentNullException.ThrowIfNull(lease);
        var session = _keys.Of(lease.SessionId);
        var answer = (long[])(await _link.EvaluateAsync(
            RedisScript.Renew,
            session.All,
            _arguments.Of(
                session, null, lease.Epoch.Value, lease.RunId.Value, lease.Token.Value,
                ScriptArguments.ToMicroseconds(_messaging.LeaseDuration)),
            cancellationToken))!;
        return new RenewResult(answer[0] == 1, answer[1] == 1);
    }

    /// <inheritdoc />
    public async ValueTask<AppendResult> FinishAsync(RunAppend append, RunFinished finished, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(append);
        ArgumentNullException.ThrowIfNull(finished);
        return await WriteAsync(append, finished, null, cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask<bool> ReleaseAsync(RunLease lease, CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        ArgumentNullException.ThrowIfNull(lease);
        var session = _keys.Of(lease.SessionId);
        var hint = _work.HintAsync(lease.SessionId, cancellationToken);
        try
        {
            return (long)await _link.EvaluateAsync(
                RedisScript.Release,
                session.All,
                _arguments.Of(session, null, lease.Epoch.Value, lease.RunId.Value, lease.Token.Value, 0),
                cancellationToken) == 1;
        }
        finally
        {
            await hint;
        }
    }

    /// <inheritdoc />
    public async ValueTask<CancelResult> CancelAsync(
        SessionId sessionId, RunId? runId, string by, CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        ArgumentException.ThrowIfNullOrWhiteSpace(by);
        var session = _keys.Of(sessionId);
        var now = Now();
        var requested = BodyTemplate.OfRun(new CancelRequested { By = by }, now);
        var finished = BodyTemplate.OfRun(new RunFinished { Status = RunStatus.Cancelled }, now);
        var resolved = ResolvedTemplate.Of(call => Resolutions.Cancelled(call, by), now);
        for (var attempt = 1; attempt <= 3; attempt++)
        {
            var answer = (RedisResult[])(await _link.EvaluateAsync(
                RedisScript.Cancel,
                session.All,
                _arguments.Of(
                    session,
                    _known.Get(sessionId),
                    runId?.Value ?? "",
                    requested.Head,
                    requested.Tail,
                    finished.Head,
                    finished.Tail,
                    _messaging.ConversationBytes,
                    resolved.Head,
                    resolved.Middle,
                    resolved.Tail),
                cancellationToken))!;
            var status = (string)answer[0]!;
            if (answer.Length > 2)
            {
                _known.Observe(sessionId, Epoch.Parse((string)answer[2]!), new Offset((long)answer[3]));
                await _owners.NoteAsync(PrincipalId.Parse((string)answer[5]!), sessionId, (long)answer[4], cancellationToken);
                if (status == "cancelled")
                {
                    if ((long)answer[7] == 1)
                    {
                        await _work.HintAsync(sessionId, cancellationToken);
                    }

                    await _trims.ScheduleAsync(
                        sessionId, ScriptArguments.ToTime((long)answer[6]) + _messaging.ReplayWindow, cancellationToken);
                }
            }

            switch (status)
            {
                case "requested":
                    return new CancelResult(CancelStatus.Requested, RunId.Parse((string)answer[1]!));

                case "cancelled":
                    return new CancelResult(CancelStatus.Cancelled, RunId.Parse((string)answer[1]!));

                case "finished":
                    return new CancelResult(CancelStatus.AlreadyFinished, RunId.Parse((string)answer[1]!));

                case "lost_entries":
                    await _reader.ReadAsync(sessionId, Offset.Start, 0, cancellationToken);
                    break;

                default:
                    return new CancelResult(CancelStatus.NotFound, null);
            }
        }

        throw new StoreUnavailableException($"Session {sessionId} changes too fast.");
    }

    /// <inheritdoc />
    public IAsyncEnumerable<QueueSignal> ListenAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        return _signals.ListenAsync(cancellationToken);
    }

    /// <summary>Reads what <c>find_message</c> in <c>common.lua</c> says of an id that is known.</summary>
    private static EnqueueResult ToFound(RedisResult[] answer) => (string)answer[0]! == "duplicate"
        ? new EnqueueResult(EnqueueStatus.Duplicate, RunId.Parse((string)answer[1]!), new Offset((long)answer[2]))
        : new EnqueueResult(EnqueueStatus.Conflict, default, default);
}
