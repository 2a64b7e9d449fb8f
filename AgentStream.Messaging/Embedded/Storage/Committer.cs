using System.Threading.Channels;
using AgentStream.Messaging.Embedded.Sessions;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Owners;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Session;
using AgentStream.Messaging.Transcript;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace AgentStream.Messaging.Embedded.Storage;

/// <summary>
/// Group commit: one loop takes what has gathered in all sessions, writes it in one transaction and waits for the disk;
/// only then readers see it and writers get their answer. What comes meanwhile goes with the next round.
/// </summary>
/// <remarks>
/// An answer before the disk has it would let a power cut take back offsets that clients have seen, and use them again for something else.
/// </remarks>
internal sealed partial class Committer(ILogger<Committer> logger)
{
    // Unbounded, yet no longer than there are sessions: each stands in it once at most,
    // and what they gather is bounded by the store's room.
    private readonly Channel<SessionSlot> _dirty =
        Channel.CreateUnbounded<SessionSlot>(new UnboundedChannelOptions { SingleReader = true });

    /// <summary>Called when a session's records are on disk, with its gate held.</summary>
    public required Action<SessionSlot, CommitBatch> Publish { get; init; }

    /// <summary>Called when a session's write has failed, with its gate held: whether any of it is on disk is not known.</summary>
    public required Action<SessionSlot> Doubt { get; init; }

    /// <summary>Puts a session on the list. Its gate is held.</summary>
    public void MarkDirty(SessionSlot slot)
    {
        if (!slot.Dirty && slot.Open is not null && !slot.IsExclusive)
        {
            slot.Dirty = true;
            _dirty.Writer.TryWrite(slot);
        }
    }

    /// <summary>No more is taken; the loop ends when the rest is written.</summary>
    public void Complete() => _dirty.Writer.TryComplete();

    public async Task RunAsync(SessionDatabase database)
    {
        var round = new List<(SessionSlot Slot, CommitBatch Batch, SessionWrite Write)>();
        while (await _dirty.Reader.WaitToReadAsync())
        {
            while (_dirty.Reader.TryRead(out var slot))
            {
                lock (slot.Gate)
                {
                    if (Begin(slot) is { } batch)
                    {
                        round.Add((slot, batch, Describe(slot, batch)));
                    }
                }
            }

            if (round.Count == 0)
            {
                continue;
            }

            try
            {
                database.Commit([.. round.Select(item => item.Write)]);
            }
            catch (SqliteException exception)
            {
                LogFailed(exception, round.Count);
                foreach (var (slot, batch, _) in round)
                {
                    Undo(slot, batch);
                }

                round.Clear();
            }

            foreach (var (slot, batch, write) in round)
            {
                Take(slot, batch, write);
            }

            round.Clear();
        }
    }

    private static CommitBatch? Begin(SessionSlot slot)
    {
        slot.Dirty = false;
        if (slot.IsExclusive || slot.Open is null)
        {
            return null;
        }

        (slot.InFlight, slot.Open) = (slot.Open, null);
        return slot.InFlight;
    }

    // Nothing else is on its way, so that the ledger is where the session will be; the view is not.
    private static SessionWrite Describe(SessionSlot slot, CommitBatch batch)
    {
        var ledger = slot.State!.Ledger;
        var row = batch.Records.Aggregate(slot.Row, Advance)!;
        return new SessionWrite
        {
            Number = slot.Number,
            Row = row with { LastSeq = ledger.LastSeq, Busy = ledger.Busy },
            TitleIsNew = row.Title != slot.Row?.Title,
            FirstEnd = ledger.CutPoints is [var first, ..] ? first.At : null,
            Records = batch.Bytes,
            Sent =
            [
                .. from enqueued in batch.Records.OfType<EnqueuedRecord>()
                   from attachment in enqueued.Request.Attachments ?? []
                   select attachment.Id,
            ],
            Spent =
            [
                .. from record in batch.Records
                   from entry in record.Entries
                   let usage = (entry.Event as RunFinished)?.Usage
                   where usage is not null
                   select new SpentRun(entry.RunId, Spending.DayOf(record.At), Spending.Of(usage)),
            ],
        };
    }

    private static SessionSummary? Advance(SessionSummary? row, SessionRecord record) => record switch
    {
        BaseRecord { Session: var session } => new SessionSummary
        {
            SessionId = session.SessionId,
            Owner = session.Owner,
            Title = session.Transcript.Title ?? "",
            CreatedAt = session.CreatedAt,
            UpdatedAt = session.UpdatedAt,
            LastSeq = session.TrimmedThrough,
            Messages = session.Transcript.Messages.Count,
            Busy = false,
            State = SessionActivity.Idle,
        },
        RenamedRecord renamed => row! with { Title = renamed.Title, UpdatedAt = record.At },
        EnqueuedRecord { Entries: [.., { Event: RunQueued queued }] } => row! with
        {
            Title = row.Messages > 0 ? row.Title : TitleOfMessage.From(queued.Message),
            Messages = row.Messages + 1,
            UpdatedAt = record.At,
        },
        { Entries.Count: > 0 } => row! with { UpdatedAt = record.At },
        _ => row,
    };

    private void Take(SessionSlot slot, CommitBatch batch, SessionWrite write)
    {
        lock (slot.Gate)
        {
            slot.Number = write.Number;
            slot.Length += batch.Bytes.Sum(bytes => (long)bytes.Length);
            slot.InFlight = null;
            Publish(slot, batch);
            MarkDirty(slot);
        }

        batch.Complete(CommitOutcome.Committed);
    }

    /// <summary>All that was decided on top of what is not on disk goes with it; the next use begins from the disk.</summary>
    private void Undo(SessionSlot slot, CommitBatch batch)
    {
        CommitBatch? dependent;
        lock (slot.Gate)
        {
            dependent = slot.Open;
            slot.InFlight = null;
            slot.Open = null;
            slot.State = null;
            Doubt(slot);
        }

        batch.Complete(CommitOutcome.Failed);
        dependent?.Complete(CommitOutcome.Failed);
    }

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "What {Sessions} sessions wrote could not be written to disk; the writers are told to come back.")]
    private partial void LogFailed(Exception exception, int sessions);
}
