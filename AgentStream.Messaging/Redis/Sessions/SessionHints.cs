using AgentStream.Messaging.Owners;
using AgentStream.Messaging.Redis.Commands;
using AgentStream.Messaging.Redis.Discovery;
using AgentStream.Messaging.Session;

namespace AgentStream.Messaging.Redis.Sessions;

/// <summary>Sees to it that what a write makes possible is found, if the messages that say so are lost.</summary>
internal sealed class SessionHints(
    SessionIndex work, SessionIndex trims, SessionIndex expiries, OwnerIndex owners, OwnerBook book, TimeSpan replayWindow)
{
    /// <summary>
    /// The time that a write waits for its hints. On a cluster the nodes that have them may be away while the session's is not:
    /// then the session's own slot is enough, and what the hints would have said is found later.
    /// </summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    /// <summary>So many hints may be on their way for longer than anybody waits; beyond these none are given.</summary>
    private const int MaxLate = 1024;

    private int _late;

    /// <summary>Gives the hints of a write that is about to be made. Never fails.</summary>
    public Task GiveAsync(
        SessionId sessionId, LedgerState before, SessionWrite write, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _late) >= MaxLate)
        {
            return Task.CompletedTask;
        }

        var after = write.After.State!;
        List<Task>? hints = null;
        if (write.HasWork)
        {
            (hints ??= []).Add(work.HintAsync(sessionId, cancellationToken));
        }

        if (write.EndsRun && after.CutPoints is [var first, ..])
        {
            // An earlier end than this one, maybe, that the run was in the way of.
            (hints ??= []).Add(trims.ScheduleAsync(sessionId, first.At + replayWindow, cancellationToken));
        }

        if (after.NextExpiry is { } expiry && expiry != before.NextExpiry)
        {
            (hints ??= []).Add(expiries.ScheduleAsync(sessionId, expiry, cancellationToken));
        }

        if (write.IsTold)
        {
            (hints ??= []).Add(owners.NoteAsync(after.Owner, sessionId, ScriptArguments.ToMicroseconds(now), cancellationToken));
        }

        foreach (var (runId, usage) in write.Spent)
        {
            (hints ??= []).Add(book.SpendAsync(after.Owner, runId, Spending.Of(usage), now, cancellationToken));
        }

        return hints is null ? Task.CompletedTask : WaitAsync(Task.WhenAll(hints));
    }

    /// <summary>Waits for a hint that never fails, but not for long.</summary>
    public async Task WaitAsync(Task hint)
    {
        try
        {
            // By the machine's own clock: tests have their clocks stand still.
            await hint.WaitAsync(Patience, TimeProvider.System);
        }
        catch (TimeoutException)
        {
            // It ends by itself, with the time that any command may take.
            Interlocked.Increment(ref _late);
            _ = hint.ContinueWith(_ => Interlocked.Decrement(ref _late), TaskScheduler.Default);
        }
    }
}
