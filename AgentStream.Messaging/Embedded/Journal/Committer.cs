using System.Threading.Channels;
using AgentStream.Messaging.Embedded.Sessions;
using Microsoft.Extensions.Logging;

namespace AgentStream.Messaging.Embedded.Journal;

/// <summary>
/// Group commit: one loop takes what has gathered in all sessions, writes each session's file once and waits for the disk;
/// only then readers see it and writers get their answer. What comes meanwhile goes with the next round.
/// </summary>
/// <remarks>
/// An answer before the disk has it would let a power cut take back offsets that clients have seen, and use them again for something else.
/// </remarks>
internal sealed partial class Committer(JournalDisk disk, ILogger<Committer> logger)
{
    /// <summary>Waiting for several disks' answers at once is cheap, and a file system serves them together.</summary>
    private static readonly ParallelOptions Together = new() { MaxDegreeOfParallelism = 8 };

    // Unbounded, yet no longer than there are sessions: each stands in it once at most,
    // and what they gather is bounded by the store's room.
    private readonly Channel<SessionSlot> _dirty =
        Channel.CreateUnbounded<SessionSlot>(new UnboundedChannelOptions { SingleReader = true });

    /// <summary>Called when a session's records are on disk, with its gate held.</summary>
    public required Action<SessionSlot, CommitBatch> Publish { get; init; }

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

    public async Task RunAsync()
    {
        var round = new List<(SessionSlot Slot, CommitBatch Batch)>();
        while (await _dirty.Reader.WaitToReadAsync())
        {
            while (_dirty.Reader.TryRead(out var slot))
            {
                if (Begin(slot) is { } batch)
                {
                    round.Add((slot, batch));
                }
            }

            if (round.Count == 1)
            {
                Commit(round[0].Slot, round[0].Batch);
            }
            else
            {
                Parallel.ForEach(round, Together, item => Commit(item.Slot, item.Batch));
            }

            round.Clear();
        }
    }

    private static CommitBatch? Begin(SessionSlot slot)
    {
        lock (slot.Gate)
        {
            slot.Dirty = false;
            if (slot.IsExclusive || slot.Open is null)
            {
                return null;
            }

            (slot.InFlight, slot.Open) = (slot.Open, null);
            return slot.InFlight;
        }
    }

    private void Commit(SessionSlot slot, CommitBatch batch)
    {
        try
        {
            disk.Append(slot.Path, slot.Length, batch.Bytes.WrittenMemory, slot.NameIsNew);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            LogFailed(exception, slot.SessionId);
            Undo(slot, batch);
            return;
        }

        lock (slot.Gate)
        {
            slot.Length += batch.Bytes.WrittenCount;
            slot.NameIsNew = false;
            slot.InFlight = null;
            Publish(slot, batch);
            MarkDirty(slot);
        }

        batch.Complete(CommitOutcome.Committed);
    }

    /// <summary>All that was decided on top of what is not on disk goes with it; the next use begins from the file.</summary>
    private void Undo(SessionSlot slot, CommitBatch batch)
    {
        CommitBatch? dependent;
        lock (slot.Gate)
        {
            dependent = slot.Open;
            slot.InFlight = null;
            slot.Open = null;
            slot.State = null;
            slot.IsIndexed = false;
            try
            {
                if (slot.Length > 0)
                {
                    disk.Truncate(slot.Path, slot.Length);
                }
                else
                {
                    disk.Delete(slot.Path);
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // The next write begins at the length that is known to be good all the same, and so does the next read.
                LogNotTruncated(exception, slot.SessionId);
            }
        }

        batch.Complete(CommitOutcome.Failed);
        dependent?.Complete(CommitOutcome.Failed);
    }

    [LoggerMessage(
        Level = LogLevel.Error, Message = "The journal of session {SessionId} could not be written; its writers are told to come back.")]
    private partial void LogFailed(Exception exception, SessionId sessionId);

    [LoggerMessage(
        Level = LogLevel.Warning, Message = "What a failed write left in the journal of session {SessionId} could not be cut off yet.")]
    private partial void LogNotTruncated(Exception exception, SessionId sessionId);
}
