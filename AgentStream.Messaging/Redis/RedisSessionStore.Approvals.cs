using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;
using AgentStream.Messaging.Redis.Commands;
using StackExchange.Redis;

namespace AgentStream.Messaging.Redis;

/// <content>Runs that wait for people.</content>
internal sealed partial class RedisSessionStore
{
    private const int ExpiriesAtOnce = 32;
    private static readonly TimeSpan ExpiryInterval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ExpiringTakes = TimeSpan.FromSeconds(20);

    /// <inheritdoc />
    public async ValueTask<AppendResult> ParkAsync(RunPark park, CancellationToken cancellationToken = default)
    {
        Resolutions.Check(park);

        // The hint goes first, as everywhere: what is lost here, the next claim that misses repairs.
        var first = park.Append.Events.OfType<ToolApprovalRequired>().Min(question => question.ExpiresAt);
        await _expiries.ScheduleAsync(park.Append.Lease.SessionId, first, cancellationToken);
        return await WriteAsync(park.Append, null, park.IfCancelled, cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask<AnswerResult> AnswerAsync(ApprovalAnswer answer, CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        ArgumentNullException.ThrowIfNull(answer);
        ArgumentException.ThrowIfNullOrWhiteSpace(answer.By);
        var sessionId = answer.SessionId;
        var session = _keys.Of(sessionId);
        var now = Now();
        var resolved = Resolutions.Of(answer, null);
        var bare = EnvelopeCodec.EncodeBody(resolved, answer.RunId, now);
        var whole = !answer.Approved || answer.Arguments is not null;
        var (head, tail) = whole ? new BodyTemplate(bare, []) : BodyTemplate.OfArguments(resolved, answer.RunId, now);
        var expired = ResolvedTemplate.Of(Resolutions.Expired, now);
        for (var attempt = 1; attempt <= 3; attempt++)
        {
            // A hint too many costs two looks; one too few costs a sweep.
            var hint = _work.HintAsync(sessionId, cancellationToken);
            RedisResult[] reply;
            try
            {
                reply = (RedisResult[])(await _link.EvaluateAsync(
                    RedisScript.Answer,
                    session.All,
                    _arguments.Of(
                        session, _known.Get(sessionId), answer.RunId.Value, answer.ToolCallId.Value, whole ? 1 : 0, head, tail, bare,
                        expired.Head, expired.Middle, expired.Tail),
                    cancellationToken))!;
            }
            finally
            {
                await hint;
            }

            switch ((string)reply[0]!)
            {
                case "accepted" or "resolved":
                    _known.Observe(sessionId, Epoch.Parse((string)reply[2]!), new Offset((long)reply[3]));
                    if ((long)reply[6] == 1)
                    {
                        await _owners.NoteAsync(PrincipalId.Parse((string)reply[5]!), sessionId, (long)reply[4], cancellationToken);
                    }

                    return new AnswerResult(
                        (string)reply[0]! == "accepted" ? AnswerStatus.Accepted : AnswerStatus.AlreadyResolved,
                        ClaimReply.ToDecision((byte[])reply[1]!));

                case "lost_entries":
                    await _reader.ReadAsync(sessionId, Offset.Start, 0, cancellationToken);
                    break;

                default:
                    return new AnswerResult(AnswerStatus.NotFound, null);
            }
        }

        throw new StoreUnavailableException($"Session {sessionId} changes too fast.");
    }

    /// <summary>Says of all questions whose time is over that nobody answered. Any process may.</summary>
    public async Task ExpireAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var (due, now) = await _expiries.FindDueAsync(ExpiriesAtOnce, ExpiringTakes, cancellationToken);
            foreach (var session in due)
            {
                if (await ExpireAsync(session.SessionId, cancellationToken) is { } next)
                {
                    await _expiries.PutOffAsync(session, next, cancellationToken);
                }
                else
                {
                    await _expiries.NoteVainAsync(session, now, cancellationToken);
                }
            }

            if (due.Count < ExpiriesAtOnce)
            {
                return;
            }
        }
    }

    /// <returns>When the next question of the session expires, by the store's clock; <c>null</c>: none is open.</returns>
    private async Task<long?> ExpireAsync(SessionId sessionId, CancellationToken cancellationToken)
    {
        var session = _keys.Of(sessionId);
        var expired = ResolvedTemplate.Of(Resolutions.Expired, Now());
        var answer = (RedisResult[])(await _link.EvaluateAsync(
            RedisScript.Expire, session.All, _arguments.Of(session, _known.Get(sessionId), expired.Head, expired.Middle, expired.Tail),
            cancellationToken))!;
        var next = (long)answer[0];
        if (next < 0)
        {
            // Short of entries that it had: reading mends, and what is left is looked at again.
            var head = (await _reader.ReadAsync(sessionId, Offset.Start, 0, cancellationToken)).Head;
            return head.Exists ? ScriptArguments.ToMicroseconds(_timeProvider.GetUtcNow()) : null;
        }

        if (answer.Length > 1)
        {
            _known.Observe(sessionId, Epoch.Parse((string)answer[1]!), new Offset((long)answer[2]));
            await _owners.NoteAsync(PrincipalId.Parse((string)answer[4]!), sessionId, (long)answer[3], cancellationToken);
            if (next == 0)
            {
                // The run can go on. A process that dies before this leaves the finding to the sweep.
                await _work.HintAsync(sessionId, cancellationToken);
            }
        }

        return next == 0 ? null : next;
    }
}
