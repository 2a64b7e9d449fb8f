using System.Runtime.CompilerServices;
using System.Text.Json;
using AgentStream.Messaging.Json;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;
using AgentStream.Messaging.Redis.Commands;
using StackExchange.Redis;

namespace AgentStream.Messaging.Redis;

/// <content>What readers and runs do.</content>
internal sealed partial class RedisSessionStore
{
    private const int FollowAtOnce = 512;

    // The list of sessions is another slot's matter; once a second is often enough to tell it.
    private static readonly TimeSpan ListInterval = TimeSpan.FromSeconds(1);

    private readonly ConditionalWeakTable<RunLease, StrongBox<DateTimeOffset>> _listed = [];

    /// <inheritdoc />
    public async ValueTask<SessionHead> GetHeadAsync(SessionId sessionId, CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        return (await _reader.ReadAsync(sessionId, Offset.Start, 0, cancellationToken)).Head;
    }

    /// <inheritdoc />
    public async ValueTask<LogBatch> ReadAsync(
        SessionId sessionId, Cursor cursor, int maxEntries, CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        ArgumentOutOfRangeException.ThrowIfLessThan(maxEntries, 1);
        var (head, entries, _) = await _reader.ReadAsync(sessionId, cursor.After, maxEntries, cancellationToken);
        return CursorCheck.Refuse(head, cursor) is { } reason
            ? new LogBatch(head.Epoch, head.LastSeq, [], reason)
            : new LogBatch(head.Epoch, head.LastSeq, entries);
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<LogBatch> FollowAsync(
        SessionId sessionId, Cursor cursor, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        using var follower = await _feeds.JoinAsync(sessionId, cancellationToken);
        while (true)
        {
            ThrowIfClosed();
            var (batch, changed) = follower.Feed.View(cursor);

            // What the shared tail does not have, Redis says, or that it can't be served.
            batch ??= await ReadAsync(sessionId, cursor, FollowAtOnce, cancellationToken);
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
                // Proven just now: from here on it stands in the epoch that goes on from its own.
                cursor = new Cursor(batch.Epoch, cursor.After);
                await changed.WaitAsync(cancellationToken);
            }
        }
    }

    /// <inheritdoc />
    public async ValueTask<SessionSnapshot> SnapshotAsync(SessionId sessionId, CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        return await _transcripts.SnapshotAsync(sessionId, cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask<TranscriptPage> ReadTranscriptAsync(
        SessionId sessionId, Offset? before, int limit, CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return await _transcripts.PageAsync(sessionId, before, limit, cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask<AppendResult> AppendAsync(RunAppend append, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(append);
        return await WriteAsync(append, null, null, cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask<bool> RenameAsync(SessionId sessionId, string title, CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        ArgumentException.ThrowIfNullOrWhiteSpace(title);
        var session = _keys.Of(sessionId);
        var answer = await _link.EvaluateAsync(RedisScript.Rename, session.All, _arguments.Of(session, null, title), cancellationToken);
        if (answer.IsNull)
        {
            return false;
        }

        var parts = (RedisResult[])answer!;
        await _owners.NoteAsync(PrincipalId.Parse((string)parts[1]!), sessionId, (long)parts[0], cancellationToken);
        return true;
    }

    /// <inheritdoc />
    public async ValueTask<bool> EraseAsync(SessionId sessionId, CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        var session = _keys.Of(sessionId);
        if (((RedisValue)await _link.ExecuteAsync("EXISTS", [session.Meta], cancellationToken)) == 0)
        {
            return false;
        }

        // First, so that nobody who finds nothing there any more takes the old epoch's name for the new one's.
        await _names.RenewAsync(sessionId, cancellationToken);
        var answer = await _link.EvaluateAsync(RedisScript.Erase, session.All, _arguments.Of(session, null), cancellationToken);
        _known.Forget(sessionId);
        if (answer.IsNull)
        {
            return false;
        }

        await _owners.RemoveAsync(PrincipalId.Parse((string)((RedisResult[])answer!)[1]!), sessionId, cancellationToken);
        return true;
    }

    /// <inheritdoc />
    public async ValueTask<SessionPage> ListAsync(SessionQuery query, CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        return await _owners.PageAsync(query, cancellationToken);
    }

    private async Task<AppendResult> WriteAsync(
        RunAppend append, RunFinished? finished, RunFinished? ifCancelled, CancellationToken cancellationToken)
    {
        ThrowIfClosed();
        append.Check(parks: ifCancelled is not null);

        var lease = append.Lease;
        var session = _keys.Of(lease.SessionId);
        var now = Now();
        var (heard, connection) = _link.Histories.Get(lease.SessionId);
        var own = new List<RedisValue>
        {
            lease.Epoch.Value,
            lease.RunId.Value,
            lease.Token.Value,
            append.Sequence,
            append.RefuseIfCancelRequested ? 1 : 0,
            ifCancelled is not null ? "parked" : finished is null ? "" : finished.Status == RunStatus.Cancelled ? "cancelled" : "finished",
            append.Checkpoint is null ? 0 : 1,
            append.Checkpoint?.ToArray() ?? [],
            _messaging.ConversationBytes,
            ifCancelled is null ? [] : JsonSerializer.SerializeToUtf8Bytes(ifCancelled, MessagingJson.Wire.RunFinished),
            finished is not null || ifCancelled is not null || IsListDue(lease, now) ? 1 : 0,
            heard,
        };
        foreach (var sessionEvent in finished is null ? append.Events : append.Events.Append(finished))
        {
            var (kind, step) = Kind(sessionEvent);
            own.Add(kind);
            own.Add(step);
            own.Add(EnvelopeCodec.EncodeBody(sessionEvent, lease.RunId, now));
        }

        // The hint goes first; on one connection the two arrive in this order and cost one round trip.
        var known = _known.Get(lease.SessionId);
        var hint = finished is null
            ? Task.CompletedTask
            : _trims.ScheduleAsync(lease.SessionId, now + _messaging.ReplayWindow, cancellationToken);
        RedisResult[] answer;
        try
        {
            answer = (RedisResult[])(await _link.EvaluateAsync(
                RedisScript.Append,
                finished is null && ifCancelled is null ? session.Append : session.All,
                _arguments.Of(session, known, own.ToArray()),
                cancellationToken))!;
        }
        finally
        {
            await hint;
        }

        switch ((string)answer[0]!)
        {
            case "appended":
                var last = new Offset((long)answer[2]);
                var epoch = Epoch.Parse((string)answer[1]!);
                _known.Observe(lease.SessionId, epoch, last);
                if (answer.Length > 9)
                {
                    _link.Histories.Note(lease.SessionId, (string)answer[9]!, connection);
                }

                if ((long)answer[4] == 1)
                {
                    await _owners.NoteAsync(PrincipalId.Parse((string)answer[6]!), lease.SessionId, (long)answer[5], cancellationToken);
                }

                if (finished is not null && answer.Length > 5)
                {
                    await FollowUpAsync(
                        lease.SessionId, hasMore: (long)answer[7] == 1, oldestCut: ScriptArguments.ToTime((long)answer[8]), now,
                        cancellationToken);
                }

                return new AppendResult(AppendStatus.Appended, last, (long)answer[3] == 1);

            case "cancel":
                return new AppendResult(AppendStatus.CancelRequested, default, true);

            case "lost_entries":
                await _reader.ReadAsync(lease.SessionId, Offset.Start, 0, cancellationToken);
                return new AppendResult(AppendStatus.LeaseLost, default, false);

            default:
                return new AppendResult(AppendStatus.LeaseLost, default, false);
        }
    }

    /// <summary>Sees to it that what a run's end makes possible is found, if the messages that say so are lost.</summary>
    private async Task FollowUpAsync(
        SessionId sessionId, bool hasMore, DateTimeOffset oldestCut, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (hasMore)
        {
            await _work.HintAsync(sessionId, cancellationToken);
        }

        if (oldestCut < now)
        {
            // This run was in the way of a cut that an earlier end had made possible.
            await _trims.ScheduleAsync(sessionId, oldestCut + _messaging.ReplayWindow, cancellationToken);
        }
    }

    private bool IsListDue(RunLease lease, DateTimeOffset now)
    {
        var listed = _listed.GetOrCreateValue(lease);
        if (now - listed.Value < ListInterval)
        {
            return false;
        }

        listed.Value = now;
        return true;
    }

    private static string ArgumentsOf(ToolApprovalRequired question)
        => question.Arguments is { } arguments ? JsonSerializer.Serialize(arguments, MessagingJson.Wire.JsonElement) : "";

    /// <summary>Tells the script what it has to know of an event to say which steps no checkpoint covers.</summary>
    private static (string Kind, string Step) Kind(SessionEvent sessionEvent) => sessionEvent switch
    {
        StepDelta delta => ("delta", delta.StepId.Value),
        ReasoningStep step => ("step", step.StepId.Value),
        ToolApprovalRequired question => (
            "question", $"{question.ToolCallId} {ScriptArguments.ToMicroseconds(question.ExpiresAt)} {ArgumentsOf(question)}"),
        StepSuperseded superseded => ("superseded", string.Join(' ', superseded.StepIds)),
        _ => ("", ""),
    };
}
