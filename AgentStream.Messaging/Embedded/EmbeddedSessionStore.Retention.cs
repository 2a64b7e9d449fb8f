using System.Threading.Channels;
using AgentStream.Messaging.Embedded.Journal;
using AgentStream.Messaging.Embedded.Sessions;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Session;
using Microsoft.Extensions.Logging;

namespace AgentStream.Messaging.Embedded;

/// <content>What keeps memory and files small.</content>
internal sealed partial class EmbeddedSessionStore
{
    private readonly Channel<bool> _retentionDue =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>The time after which something that the disk refused is tried again.</summary>
    private static readonly TimeSpan AfterFailure = TimeSpan.FromMinutes(1);

    /// <summary>So many bytes of entries that are gone are not worth writing a file anew.</summary>
    private const int AlwaysBearable = 4096;

    /// <summary>Says that a run ended which is not to be replayed at all.</summary>
    public ChannelReader<bool> RetentionDue => _retentionDue.Reader;

    /// <summary>Cuts off what has left the replay window, and puts sessions away that nobody uses.</summary>
    public async Task RetainAsync(CancellationToken cancellationToken = default)
    {
        do
        {
            foreach (var slot in _slots.Values)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (MayCut(slot))
                {
                    await CutAsync(slot, cancellationToken);
                }
            }

            if (!_closing.IsCancellationRequested)
            {
                PutAway(closing: false);
            }
        }
        while (BringBackEnded());
    }

    /// <summary>Says in the journal that entries are gone, and writes it anew once they are the greater part of it.</summary>
    private async Task CutAsync(SessionSlot slot, CancellationToken cancellationToken)
    {
        // Nobody came to use it, so that it need not stay any longer.
        var lastUsed = slot.LastUsed;
        try
        {
            var endedBy = _timeProvider.GetUtcNow() - _messaging.ReplayWindow;
            await ExecuteAsync(
                slot.SessionId, create: false, absent: false, (session, now) => Trim(session, endedBy, now), cancellationToken);
            if (slot.Length > (2 * slot.FoldedLength) + AlwaysBearable)
            {
                await CompactAsync(slot, cancellationToken);
            }
        }
        catch (StoreUnavailableException exception)
        {
            LogNotCompacted(exception, slot.SessionId);
            lock (slot.Gate)
            {
                slot.NotBefore = _timeProvider.GetUtcNow() + AfterFailure;
                slot.IsIndexed = false;
            }
        }
        finally
        {
            lock (slot.Gate)
            {
                slot.LastUsed = lastUsed;
            }
        }
    }

    private static bool Trim(SessionSlot slot, DateTimeOffset endedBy, DateTimeOffset now)
    {
        if (SessionRules.Cut(slot.State!.Ledger.State, endedBy) is not { } through)
        {
            return false;
        }

        slot.Record(new TrimmedRecord { At = now, Through = through });
        return true;
    }

    private async Task CompactAsync(SessionSlot slot, CancellationToken cancellationToken)
    {
        if (!await EnterExclusiveAsync(slot, cancellationToken))
        {
            return;
        }

        try
        {
            Offset through;
            lock (slot.Gate)
            {
                through = slot.Row?.Head.TrimmedThrough ?? Offset.Start;
            }

            var file = _disk.Read(slot.Path);
            var sound = file.AsSpan(0, (int)Math.Min(file.Length, slot.Length));
            if (through == Offset.Start || _loader.Compact(slot.Path, sound, through) is not { } compaction)
            {
                return;
            }

            var temporary = slot.Path + JournalDisk.TemporaryExtension;
            _disk.Write(temporary, compaction.File);
            _disk.Move(temporary, slot.Path);
            lock (slot.Gate)
            {
                (slot.Length, slot.FoldedLength, slot.NameIsNew, slot.IsIndexed) =
                    (compaction.File.Length, compaction.FoldedLength, true, false);
            }

            _disk.FlushName(slot.Path);
            lock (slot.Gate)
            {
                slot.NameIsNew = false;
            }

            LogCompacted(slot.SessionId, through, file.Length, compaction.File.Length);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The old file is as good as the new one, only longer.
            LogNotCompacted(exception, slot.SessionId);
        }
        finally
        {
            LeaveExclusive(slot);
        }
    }

    /// <summary>
    /// Whether a run left the replay window, and no run that waits or is under way holds the cut back: its end brings a later one.
    /// </summary>
    private bool MayCut(SessionSlot slot)
    {
        var now = _timeProvider.GetUtcNow();
        lock (slot.Gate)
        {
            return slot.FirstEnd <= now - _messaging.ReplayWindow && slot.NotBefore <= now && !slot.Removed
                && (slot.State?.Ledger.State is not { } state
                    || !(state.CutPoints is [var first, ..] && first.Through >= state.FirstOfUnfinished));
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

    [LoggerMessage(Level = LogLevel.Debug, Message = "Session {SessionId} is folded up to {Through}: {Before} bytes became {After}.")]
    private partial void LogCompacted(SessionId sessionId, Offset through, int before, int after);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Session {SessionId} could not be cut or folded; it is tried again later.")]
    private partial void LogNotCompacted(Exception exception, SessionId sessionId);
}
