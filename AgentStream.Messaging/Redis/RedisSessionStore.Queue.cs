using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using AgentStream.Messaging.Embedded;
using AgentStream.Messaging.Json;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;
using AgentStream.Messaging.Transcript;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace AgentStream.Messaging.Redis;

/// <content>What waits, and who has it.</content>
internal sealed partial class RedisSessionStore
{
    private const string Interrupt = "interrupt";
    private const int CandidatesAtOnce = 16;
    private const int SweepAtOnce = 500;

    // Sessions that somebody announced: tried before the index is asked. What is dropped is in the index.
    private readonly Channel<SessionId> _announced = Channel.CreateBounded<SessionId>(new BoundedChannelOptions(1024) { FullMode = BoundedChannelFullMode.DropOldest });
    private readonly SemaphoreSlim _listening = new(1);
    private int _listeners;
    private bool _subscribed;
    private string _sweep = "0";
    private int _looks;

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
        var fresh = "";
        for (var attempt = 1; attempt <= 5; attempt++)
        {
            var values = _arguments.Of(
                session,
                _known.Get(sessionId),
                fresh,
                request.Owner.Value,
                SessionTitle.From(request.Message),
                request.RunId.Value,
                request.MessageId.Value,
                fingerprint,
                json,
                Encoding.UTF8.GetByteCount(request.Message),
                request.RefuseIfNew ? "known" : request.OnBusy switch { OnBusy.Reject => "reject", OnBusy.Interrupt => "interrupt", _ => "enqueue" },
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

                case "duplicate":
                    return new EnqueueResult(EnqueueStatus.Duplicate, RunId.Parse((string)answer[1]!), new Offset((long)answer[2]));

                case "conflict":
                    return new EnqueueResult(EnqueueStatus.Conflict, default, default);

                case "busy":
                    return new EnqueueResult(EnqueueStatus.Busy, default, default);

                case "full":
                    return new EnqueueResult(EnqueueStatus.QueueFull, default, default);

                case "unknown_replaced":
                    return new EnqueueResult(EnqueueStatus.UnknownReplaced, default, default);

                case "new":
                    return new EnqueueResult(EnqueueStatus.New, default, default);

                case "run_known":
                    throw new ArgumentException($"Run {request.RunId} is already known in session {sessionId}.", nameof(request));

                default:
                    // Absent, gone a moment ago, or short of entries that it had: reading names the epoch, and mends.
                    var head = (await _reader.ReadAsync(sessionId, Offset.Start, 0, cancellationToken)).Head;
                    fresh = head.Exists ? "" : head.Epoch.Value;
                    break;
            }
        }

        throw new StoreUnavailableException($"Session {sessionId} changes too fast.");
    }

    /// <inheritdoc />
    public async ValueTask<RunClaim?> ClaimAsync(string worker, CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        ArgumentException.ThrowIfNullOrWhiteSpace(worker);
        cancellationToken.ThrowIfCancellationRequested();
        while (_announced.Reader.TryRead(out var sessionId))
        {
            if ((await ClaimAsync(sessionId, worker)).Claim is { } claim)
            {
                return claim;
            }
        }

        while (true)
        {
            var (due, now) = await _work.FindDueAsync(CandidatesAtOnce, TimeSpan.Zero, cancellationToken);
            foreach (var candidate in due)
            {
                var (claim, lookAgain) = await ClaimAsync(candidate.SessionId, worker);
                if (claim is not null)
                {
                    return claim;
                }

                await (lookAgain is { } at ? _work.PutOffAsync(candidate, at, cancellationToken) : _work.NoteVainAsync(candidate, now, cancellationToken));
            }

            if (due.Count < CandidatesAtOnce)
            {
                return null;
            }
        }
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
            _arguments.Of(session, null, lease.Epoch.Value, lease.RunId.Value, lease.Token.Value, ScriptArguments.ToMicroseconds(_messaging.LeaseDuration)),
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
                _arguments.Of(session, null, lease.Epoch.Value, lease.RunId.Value, lease.Token.Value),
                cancellationToken) == 1;
        }
        finally
        {
            await hint;
        }
    }

    /// <inheritdoc />
    public async ValueTask<CancelResult> CancelAsync(SessionId sessionId, RunId? runId, string by, CancellationToken cancellationToken = default)
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

                    await _trims.ScheduleAsync(sessionId, ScriptArguments.ToTime((long)answer[6]) + _messaging.ReplayWindow, cancellationToken);
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

                case "behind":
                    await _reader.ReadAsync(sessionId, Offset.Start, 0, cancellationToken);
                    break;

                default:
                    return new CancelResult(CancelStatus.NotFound, null);
            }
        }

        throw new StoreUnavailableException($"Session {sessionId} changes too fast.");
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<QueueSignal> ListenAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        Interlocked.Increment(ref _listeners);
        try
        {
            await SubscribeToSignalsAsync(cancellationToken);
            await foreach (var signal in _signals.ListenAsync(cancellationToken))
            {
                yield return signal;
            }
        }
        finally
        {
            Interlocked.Decrement(ref _listeners);
        }
    }

    private static RunClaim ToClaim(SessionId sessionId, RedisResult[] answer, TimeSpan leaseDuration)
    {
        var request = JsonSerializer.Deserialize((byte[])answer[9]!, MessagingJson.Wire.RunRequest)!;
        var turns = (byte[][])answer[11]!;
        return new RunClaim
        {
            Lease = new RunLease(sessionId, request.RunId, Epoch.Parse((string)answer[3]!), new FencingToken((long)answer[4]), leaseDuration),
            Request = request,
            Attempt = (int)answer[5],
            Claim = (int)answer[6],
            FirstStartedAt = ScriptArguments.ToTime((long)answer[7]),
            CancelRequested = (long)answer[8] == 1,
            Parked = TimeSpan.FromMicroseconds((long)answer[14]),
            Approvals = [.. ((byte[][])answer[15]!).Select(ToDecision)],
            Checkpoints = [.. ((byte[][])answer[10]!).Select(checkpoint => (ReadOnlyMemory<byte>)checkpoint)],
            Conversation = [.. turns.Chunk(2).Select(turn => ToTurn(RunId.Parse(Encoding.ASCII.GetString(turn[0])), turn[1]))],
            Unsettled = Fold(((string[])answer[12]!).Chunk(2).ToDictionary(step => StepId.Parse(step[0]), step => Offset.Parse(step[1])), (byte[][])answer[13]!),
        };
    }

    private static ConversationTurn ToTurn(RunId runId, byte[] data)
    {
        var pieces = LengthPrefixed.Split(data);
        var request = JsonSerializer.Deserialize(pieces[0].Span, MessagingJson.Wire.RunRequest)!;
        return new ConversationTurn(runId, request.Message, [.. pieces.Skip(1)]);
    }

    /// <summary>The text of the steps that no checkpoint covers, each from its offset on, in the order in which they began.</summary>
    private static IReadOnlyList<OpenStep> Fold(Dictionary<StepId, Offset> unsettled, byte[][] frames)
    {
        var steps = new OrderedDictionary<StepId, StepText>();
        foreach (var frame in frames)
        {
            var entry = EnvelopeCodec.Decode(frame);
            switch (entry.Event)
            {
                case StepDelta delta when unsettled.TryGetValue(delta.StepId, out var first) && first <= entry.Offset:
                    if (steps.TryGetValue(delta.StepId, out var text))
                    {
                        text.Append(delta.Delta);
                    }
                    else
                    {
                        steps.Add(delta.StepId, StepText.Of(delta));
                    }

                    break;

                case ReasoningStep step when unsettled.TryGetValue(step.StepId, out var first) && first <= entry.Offset:
                    steps[step.StepId] = StepText.Of(step);
                    break;
            }
        }

        return [.. steps.Values.Select(step => step.ToOpenStep())];
    }

    /// <returns>The claim, or when the lease ends that somebody else has; neither where there is nothing to claim.</returns>
    private async Task<(RunClaim? Claim, long? LookAgain)> ClaimAsync(SessionId sessionId, string worker)
    {
        var session = _keys.Of(sessionId);

        // Not to be cancelled: a claim that stands but that nobody was told of would wait for its lease to run out.
        var answer = (RedisResult[])(await _link.EvaluateAsync(
            RedisScript.Claim,
            session.All,
            _arguments.Of(
                session,
                _known.Get(sessionId),
                worker,
                ScriptArguments.ToMicroseconds(_messaging.LeaseDuration),
                ScriptArguments.ToMicroseconds(_trouble.Patience)),
            CancellationToken.None))!;
        switch ((string)answer[0]!)
        {
            case "claimed":
                await _work.MoveAsync(sessionId, (long)answer[2], CancellationToken.None);
                return (ToClaim(sessionId, answer, _messaging.LeaseDuration), null);

            case "leased":
                return (null, (long)answer[2]);

            case "parked":
                // Found by the sweep, maybe, after the index had lost data: then the other has, too.
                await _expiries.ScheduleAsync(sessionId, ScriptArguments.ToTime((long)answer[2]), CancellationToken.None);
                return (null, null);

            case "behind":
                await _reader.ReadAsync(sessionId, Offset.Start, 0, CancellationToken.None);
                return (null, (long)answer[1]);

            default:
                return (null, null);
        }
    }

    /// <summary>Finds sessions with work that nobody announced, and runs whose lease has run out; now and then also what the index has lost.</summary>
    private async Task LookForWorkOnceAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _listeners) == 0)
        {
            return;
        }

        await SubscribeToSignalsAsync(cancellationToken);
        var (due, _) = await _work.FindDueAsync(1, TimeSpan.Zero, cancellationToken);
        if (due.Count > 0)
        {
            _signals.AnnounceWork();
        }

        if (_looks++ % 5 == 0)
        {
            await SweepAsync(cancellationToken);
        }
    }

    /// <summary>One step of a walk through all keys (on a cluster: of one node's) for sessions with unfinished runs.</summary>
    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        // On a cluster another node answers each time, and the cursor means the same part of its keys. Steps of changing size, so that nodes and parts don't meet in one pattern for ever.
        var answer = (RedisResult[])(await _link.ExecuteAsync(
            "SCAN", [_sweep, "MATCH", _keys.RequestsPattern, "COUNT", SweepAtOnce + Random.Shared.Next(SweepAtOnce / 2)], cancellationToken))!;
        _sweep = (string)answer[0]!;
        foreach (var key in (string[])answer[1]!)
        {
            if (RedisKeys.SessionOf(key) is { } sessionId)
            {
                await _link.ExecuteAsync("ZADD", [_keys.Work, "NX", 0, sessionId.Value], cancellationToken);
            }
        }
    }

    private async Task SubscribeToSignalsAsync(CancellationToken cancellationToken)
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
                await _link.SubscribeAsync(_keys.Signals, OnSignal, cancellationToken);
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

    private async Task StopListeningAsync()
    {
        if (!_subscribed)
        {
            return;
        }

        try
        {
            await _link.UnsubscribeAsync(_keys.Signals, OnSignal, CancellationToken.None);
        }
        catch (StoreUnavailableException exception)
        {
            LogDeaf(exception);
        }
    }

    private void OnSignal(RedisChannel channel, RedisValue payload)
    {
        switch (((string?)payload ?? "").Split(' '))
        {
            case ["w", var session] when SessionId.TryParse(session, out var sessionId):
                if (Volatile.Read(ref _listeners) > 0)
                {
                    _announced.Writer.TryWrite(sessionId);
                    _signals.AnnounceWork();
                }

                break;

            case ["c", var session, var run] when SessionId.TryParse(session, out var sessionId) && RunId.TryParse(run, out var runId):
                _signals.AnnounceCancel(sessionId, runId);
                break;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The signals of other processes can't be heard at the moment.")]
    private partial void LogDeaf(Exception exception);
}
