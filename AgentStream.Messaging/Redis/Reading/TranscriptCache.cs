using System.Text.Json;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Redis.Commands;
using AgentStream.Messaging.Redis.Connection;
using AgentStream.Messaging.Transcript;

namespace AgentStream.Messaging.Redis.Reading;

/// <summary>Folds sessions' logs into transcripts, and keeps those that are asked for so that each entry is folded once.</summary>
/// <remarks>Bounded: the sessions that were asked for longest ago give way, and all that nobody asked for lately.</remarks>
internal sealed class TranscriptCache(
    RedisLink link, RedisKeys keys, SessionReader reader, TimeProvider timeProvider, int snapshotMessages, int capacity = 128)
{
    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(1);
    private readonly Lock _gate = new();
    private readonly Dictionary<SessionId, Folded> _sessions = [];

    public async Task<SessionSnapshot> SnapshotAsync(SessionId sessionId, CancellationToken cancellationToken)
        => await UseAsync(
            sessionId,
            folded =>
            {
                // Whoever comes while nothing has changed gets the same bytes.
                var head = folded.Head!;
                if (folded.Snapshot is not { } snapshot || snapshot.Data.LastSeq != head.LastSeq || snapshot.Data.Epoch != head.Epoch
                    || snapshot.Data.TrimmedThrough != head.TrimmedThrough || snapshot.Data.Title != head.Title)
                {
                    var data = folded.Transcript!.Snapshot(sessionId, head.Epoch, head.LastSeq, head.TrimmedThrough, snapshotMessages);
                    folded.Snapshot = snapshot = SessionSnapshot.Of(data);
                }

                return snapshot;
            },
            cancellationToken);

    public async Task<TranscriptPage> PageAsync(SessionId sessionId, Offset? before, int limit, CancellationToken cancellationToken)
        => await UseAsync(
            sessionId,
            folded =>
            {
                var (messages, hasMore) = folded.Transcript!.Page(before, limit);
                return new TranscriptPage(folded.Head!, messages, hasMore, folded.Transcript.Usage, folded.Transcript.ActiveRun);
            },
            cancellationToken);

    /// <summary>
    /// Folds the log through an offset, as it is kept when the log is cut there; <c>null</c> where the log was cut or erased meanwhile.
    /// </summary>
    public async Task<byte[]?> FoldAsync(
        SessionId sessionId, Epoch epoch, Offset trimmedThrough, Offset through, CancellationToken cancellationToken)
    {
        var folded = new Folded();
        await LoadAsync(sessionId, folded, through, cancellationToken);
        return folded.Head is { } head && head.Epoch == epoch && head.TrimmedThrough == trimmedThrough
            ? JsonSerializer.SerializeToUtf8Bytes(folded.Transcript!.Save(), RedisJson.Stored.TranscriptState)
            : null;
    }

    /// <summary>Forgets what nobody asked for lately.</summary>
    public void Shrink()
    {
        var before = timeProvider.GetUtcNow() - KeptFor;
        lock (_gate)
        {
            foreach (var sessionId in _sessions.Where(session => session.Value.UsedAt < before).Select(session => session.Key).ToList())
            {
                _sessions.Remove(sessionId);
            }
        }
    }

    private async Task<T> UseAsync<T>(SessionId sessionId, Func<Folded, T> use, CancellationToken cancellationToken)
    {
        var folded = GetOrAdd(sessionId);
        await folded.Turn.WaitAsync(cancellationToken);
        try
        {
            await LoadAsync(sessionId, folded, null, cancellationToken);
            return use(folded);
        }
        catch
        {
            // Half a fold is none.
            folded.Head = null;
            throw;
        }
        finally
        {
            folded.Turn.Release();
        }
    }

    private Folded GetOrAdd(SessionId sessionId)
    {
        lock (_gate)
        {
            if (!_sessions.TryGetValue(sessionId, out var folded))
            {
                if (_sessions.Count >= capacity)
                {
                    _sessions.Remove(_sessions.MinBy(session => session.Value.UsedAt).Key);
                }

                _sessions.Add(sessionId, folded = new Folded());
            }

            folded.UsedAt = timeProvider.GetUtcNow();
            return folded;
        }
    }

    private async Task LoadAsync(SessionId sessionId, Folded folded, Offset? through, CancellationToken cancellationToken)
    {
        var session = keys.Of(sessionId);
        var arguments = new ScriptArguments();
        if (folded.Head is { } before)
        {
            arguments.Add("epoch", before.Epoch.Value);
            arguments.Add("after", before.LastSeq.Value);
        }

        if (through is { } last)
        {
            arguments.Add("through", last.Value);
        }

        var answer = await link.EvaluateAsync(
            RedisScript.Transcript, [session.Meta, session.Log, session.Base], arguments, cancellationToken);
        if (answer.Text("history") is { } history)
        {
            folded.Head = await reader.EmptyHeadAsync(sessionId, history, cancellationToken);
            folded.Transcript = new TranscriptFold();
            return;
        }

        try
        {
            Apply(folded, sessionId, answer);
        }
        catch (Exception exception) when (SessionUnreadableException.IsMeant(exception))
        {
            throw new SessionUnreadableException(sessionId, exception);
        }
    }

    private static void Apply(Folded folded, SessionId sessionId, ScriptReply answer)
    {
        var head = SessionReader.ToHead(sessionId, answer);
        if (answer.Bytes("base") is { } saved)
        {
            folded.Transcript = saved.Length == 0
                ? new TranscriptFold()
                : TranscriptFold.Load(JsonSerializer.Deserialize(saved, RedisJson.Stored.TranscriptState)!);
        }

        foreach (var frame in answer.List("frames"))
        {
            var entry = EnvelopeCodec.Decode(frame);
            folded.Transcript!.Apply(entry.Offset, entry.RunId, entry.Timestamp, entry.Event);
        }

        folded.Transcript!.Rename(head.Title ?? "");
        folded.Head = head;
    }

    private sealed class Folded
    {
        public SemaphoreSlim Turn { get; } = new(1);

        public DateTimeOffset UsedAt { get; set; }

        /// <summary>As of when it is folded; <c>null</c> before the first time.</summary>
        public SessionHead? Head { get; set; }

        public TranscriptFold? Transcript { get; set; }

        public SessionSnapshot? Snapshot { get; set; }
    }
}
