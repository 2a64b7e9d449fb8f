using AgentStream.Messaging.Redis.Commands;
using AgentStream.Messaging.Redis.Discovery;
using AgentStream.Messaging.Session;

namespace AgentStream.Messaging.Redis.Sessions;

/// <summary>Sees to it that what a write makes possible is found, if the messages that say so are lost.</summary>
internal sealed class SessionHints(SessionIndex work, SessionIndex trims, SessionIndex expiries, OwnerIndex owners, TimeSpan replayWindow)
{
    /// <summary>Gives the hints of a write that is about to be made. Never fails.</summary>
    public Task GiveAsync(
        SessionId sessionId, LedgerState before, SessionWrite write, DateTimeOffset now, CancellationToken cancellationToken)
    {
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

        return hints is null ? Task.CompletedTask : Task.WhenAll(hints);
    }
}
