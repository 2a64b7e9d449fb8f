using System.Runtime.CompilerServices;
using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Transcript;

namespace AgentStream.Tests.Api.Delivery;

/// <summary>A log of one session that says what the test has it say, and counts what it is asked.</summary>
internal sealed class PushedLog : ISessionLog
{
    private readonly List<LogEntry> _entries = [];
    private readonly Lock _gate = new();
    private int _following;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public static readonly RunId Run = RunId.Parse("r1");

    public Epoch Epoch { get; set; } = Epoch.Parse("e1");

    /// <summary>The epochs that this one goes on from.</summary>
    public IReadOnlyList<FormerEpoch> Former { get; set; } = [];

    public PrincipalId? Owner { get; set; } = PrincipalId.Anonymous;

    public int Heads { get; private set; }

    public int Reads { get; private set; }

    public int Snapshots { get; private set; }

    public int Follows { get; private set; }

    /// <summary>What following ends with when the next entry comes.</summary>
    public Exception? Failure { get; set; }

    /// <summary>How many follow it now.</summary>
    public int Following => Volatile.Read(ref _following);

    /// <summary>Completes what is asked; until then everything waits.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    public void Push(params SessionEvent[] events)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            foreach (var sessionEvent in events)
            {
                var body = EnvelopeCodec.EncodeBody(sessionEvent, Run, DateTimeOffset.UnixEpoch);
                _entries.Add(EnvelopeCodec.Decode(EnvelopeCodec.Frame(new Offset(_entries.Count + 1), body)));
            }

            (changed, _changed) = (_changed, new(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        changed.SetResult();
    }

    public async ValueTask<SessionHead> GetHeadAsync(SessionId sessionId, CancellationToken cancellationToken = default)
    {
        Heads++;
        await Gate;
        lock (_gate)
        {
            return new SessionHead
            {
                SessionId = sessionId,
                Epoch = Epoch,
                LastSeq = new Offset(_entries.Count),
                TrimmedThrough = Offset.Start,
                Owner = Owner,
                Former = Former,
            };
        }
    }

    public async ValueTask<LogBatch> ReadAsync(
        SessionId sessionId, Cursor cursor, int maxEntries, CancellationToken cancellationToken = default)
    {
        Reads++;
        await Gate;
        lock (_gate)
        {
            return new LogBatch(
                Epoch, new Offset(_entries.Count), [.. _entries.Skip((int)cursor.After.Value).Take(maxEntries)]);
        }
    }

    public async IAsyncEnumerable<LogBatch> FollowAsync(
        SessionId sessionId, Cursor cursor, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Follows++;
        Interlocked.Increment(ref _following);
        try
        {
            for (var after = (int)cursor.After.Value; ;)
            {
                LogBatch batch;
                Task changed;
                lock (_gate)
                {
                    batch = new LogBatch(Epoch, new Offset(_entries.Count), [.. _entries.Skip(after)]);
                    changed = _changed.Task;
                    after = _entries.Count;
                }

                if (Failure is { } failure)
                {
                    throw failure;
                }

                if (batch.Entries.Count > 0)
                {
                    yield return batch;
                }
                else
                {
                    await changed.WaitAsync(cancellationToken);
                }
            }
        }
        finally
        {
            Interlocked.Decrement(ref _following);
        }
    }

    public async ValueTask<SessionSnapshot> SnapshotAsync(SessionId sessionId, CancellationToken cancellationToken = default)
    {
        Snapshots++;
        await Gate;
        lock (_gate)
        {
            return SessionSnapshot.Of(new SnapshotData
            {
                SessionId = sessionId,
                Epoch = Epoch,
                LastSeq = new Offset(_entries.Count),
                TrimmedThrough = Offset.Start,
                Messages = [],
                HasMore = false,
                QueuedRuns = [],
            });
        }
    }

    public ValueTask<TranscriptPage> ReadTranscriptAsync(
        SessionId sessionId, Offset? before, int limit, CancellationToken cancellationToken = default)
        => throw new NotSupportedException();

    public ValueTask<AppendResult> AppendAsync(RunAppend append, CancellationToken cancellationToken = default)
        => throw new NotSupportedException();

    public ValueTask<bool> RenameAsync(
        SessionId sessionId, string title, PrincipalId? owner = null, CancellationToken cancellationToken = default)
        => throw new NotSupportedException();

    public ValueTask<bool> EraseAsync(SessionId sessionId, PrincipalId? owner = null, CancellationToken cancellationToken = default)
        => throw new NotSupportedException();

    public ValueTask<SessionPage> ListAsync(SessionQuery query, CancellationToken cancellationToken = default)
        => throw new NotSupportedException();
}
