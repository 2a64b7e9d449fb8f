using AgentStream.Messaging.Embedded.Scheduling;
using AgentStream.Messaging.Embedded.Sessions;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Queue;
using AgentStream.Messaging.Session;
using Microsoft.Extensions.Logging;

namespace AgentStream.Messaging.Embedded;

/// <content>Runs that wait for people.</content>
internal sealed partial class EmbeddedSessionStore
{
    private readonly ExpiryIndex _expiries = new();

    /// <inheritdoc />
    public ValueTask<AppendResult> ParkAsync(RunPark park, CancellationToken cancellationToken = default)
    {
        Resolutions.Check(park);
        return WriteAsync(park.Append, null, park.IfCancelled, cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask<AnswerResult> AnswerAsync(ApprovalAnswer answer, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(answer);
        ArgumentException.ThrowIfNullOrWhiteSpace(answer.By);

        // JSON that belongs to a document of the caller's would end with it.
        var kept = answer with { Arguments = answer.Arguments?.Clone() };
        return ExecuteAsync(
            answer.SessionId,
            create: false,
            absent: new AnswerResult(AnswerStatus.NotFound, null),
            (slot, now) =>
            {
                if (!slot.State!.Ledger.State.IsOf(kept.Owner))
                {
                    return new AnswerResult(AnswerStatus.NotFound, null);
                }

                var (result, record) = SessionRules.Answer(slot.State.Ledger.State, kept, now);
                if (record is not null)
                {
                    slot.Record(record);
                }

                return result;
            },
            cancellationToken);
    }

    /// <summary>Says of all questions whose time is over that nobody answered.</summary>
    public async Task ExpireAsync(CancellationToken cancellationToken = default)
    {
        // The time by which the rules decide: what is due by another one would be taken and put back again and again.
        while (_expiries.Take(Now()) is { } sessionId)
        {
            try
            {
                await ExecuteAsync(
                    sessionId,
                    create: false,
                    absent: false,
                    (slot, now) =>
                    {
                        if (SessionRules.Expire(slot.State!.Ledger.State, now) is { } record)
                        {
                            slot.Record(record);
                        }
                        else
                        {
                            AddExpiry(slot);
                        }

                        return true;
                    },
                    cancellationToken);
            }
            catch (StoreUnavailableException exception)
            {
                LogNotExpired(exception, sessionId);
                _expiries.Add(sessionId, _timeProvider.GetUtcNow() + AfterFailure);
            }
        }
    }

    /// <summary>Sees to it that the first open question of a parked run is looked at when its time is over. The gate is held.</summary>
    private void AddExpiry(SessionSlot slot)
    {
        if (slot.State?.Ledger.NextExpiry is { } at)
        {
            _expiries.Add(slot.SessionId, at);
        }
    }

    [LoggerMessage(
        Level = LogLevel.Warning, Message = "What expired in session {SessionId} could not be written; it is tried again later.")]
    private partial void LogNotExpired(Exception exception, SessionId sessionId);
}
