using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace AgentStream.Messaging.Embedded;

/// <content>What keeps memory and files small.</content>
internal sealed partial class EmbeddedSessionStore
{
    private readonly Channel<bool> _retentionDue = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>When to try again what the disk refused.</summary>
    private static readonly TimeSpan AfterFailure = TimeSpan.FromMinutes(1);

    /// <summary>Says that a run ended which is not to be replayed at all.</summary>
    public ChannelReader<bool> RetentionDue => _retentionDue.Reader;

    /// <summary>Folds what has left the replay window into the transcripts, and puts sessions away that nobody uses.</summary>
    public async Task RetainAsync(CancellationToken cancellationToken = default)
    {
        foreach (var slot in _slots.Values)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (slot.OldestCut <= _timeProvider.GetUtcNow() && MayCut(slot))
            {
                await CompactAsync(slot, cancellationToken);
            }

            Unload(slot);
        }
    }

    private async Task CompactAsync(SessionSlot slot, CancellationToken cancellationToken)
    {
        if (!await EnterExclusiveAsync(slot, cancellationToken))
        {
            return;
        }

        try
        {
            var now = _timeProvider.GetUtcNow();
            var file = _disk.Read(slot.Path);
            var sound = file.AsSpan(0, (int)Math.Min(file.Length, slot.Length));
            if (_loader.Compact(sound, now - _messaging.ReplayWindow) is not { } compaction)
            {
                slot.OldestCut = null;
                return;
            }

            var temporary = slot.Path + JournalDisk.TemporaryExtension;
            _disk.Write(temporary, compaction.File);
            _disk.Move(temporary, slot.Path);
            Adopt(slot, compaction);
            _disk.FlushName(slot.Path);
            lock (slot.Gate)
            {
                slot.NameIsNew = false;
            }

            LogCompacted(slot.SessionId, compaction.Through, file.Length, compaction.File.Length);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The old file is as good as the new one, only longer.
            LogNotCompacted(exception, slot.SessionId);
            slot.OldestCut = _timeProvider.GetUtcNow() + AfterFailure;
        }
        finally
        {
            LeaveExclusive(slot);
        }
    }

    /// <summary>Whether a run that waits or is under way holds the cut back; its end brings a later one.</summary>
    private static bool MayCut(SessionSlot slot)
    {
        lock (slot.Gate)
        {
            return slot.State is not { Ledger: var ledger } || !(ledger.CutPoints is [var first, ..] && first.Through >= ledger.FirstOfUnfinished);
        }
    }

    private void Adopt(SessionSlot slot, Compaction compaction)
    {
        lock (slot.Gate)
        {
            slot.Length = compaction.File.Length;
            slot.NameIsNew = true;
            slot.State?.View.Trim(compaction.Through);
            slot.State?.Ledger.Trim(compaction.Through);
            slot.Row = slot.Row! with { Head = slot.Row.Head with { TrimmedThrough = compaction.Through } };
            slot.OldestCut = slot.State is { } state ? OldestCut(state.Ledger) : compaction.NextCut + _messaging.ReplayWindow;
            slot.Announce();
        }
    }

    /// <summary>Waits until nothing is being written to a session's file, and keeps it so. False: the session is gone.</summary>
    private static async Task<bool> EnterExclusiveAsync(SessionSlot slot, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task before;
            bool entered;
            lock (slot.Gate)
            {
                if (slot.Removed)
                {
                    return false;
                }

                entered = !slot.IsExclusive;
                if (entered)
                {
                    slot.EnterExclusive();
                    before = slot.InFlight?.Done ?? Task.CompletedTask;
                }
                else
                {
                    before = slot.Shared;
                }
            }

            if (entered)
            {
                // Not to be cancelled: the place is taken, and a write takes no longer than the disk.
                await before;
                return true;
            }

            await before.WaitAsync(cancellationToken);
        }
    }

    private void LeaveExclusive(SessionSlot slot)
    {
        lock (slot.Gate)
        {
            slot.LeaveExclusive();
            _committer.MarkDirty(slot);
            DropIfUnused(slot);
        }
    }

    private void Unload(SessionSlot slot)
    {
        lock (slot.Gate)
        {
            if (slot is { State.Ledger.Busy: false, Followers: 0, Open: null, InFlight: null, IsExclusive: false }
                && _timeProvider.GetUtcNow() - slot.LastUsed >= _embedded.UnloadAfter)
            {
                slot.State = null;
            }

            DropIfUnused(slot);
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Session {SessionId} is folded up to {Through}: {Before} bytes became {After}.")]
    private partial void LogCompacted(SessionId sessionId, Offset through, int before, int after);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Session {SessionId} could not be folded; it is tried again later.")]
    private partial void LogNotCompacted(Exception exception, SessionId sessionId);
}
