using AgentStream.Messaging.Log;
using AgentStream.Messaging.Queue;
using AgentStream.Messaging.Redis.Commands;
using AgentStream.Messaging.Redis.Sessions;
using AgentStream.Messaging.Session;

namespace AgentStream.Messaging.Redis;

/// <content>Runs that wait for people.</content>
internal sealed partial class RedisSessionStore
{
    private const int ExpiriesAtOnce = 32;
    private static readonly TimeSpan ExpiryInterval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ExpiringTakes = TimeSpan.FromSeconds(20);

    /// <inheritdoc />
    public ValueTask<AppendResult> ParkAsync(RunPark park, CancellationToken cancellationToken = default)
    {
        Resolutions.Check(park);
        return AppendAsync(park.Append, null, park.IfCancelled, cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask<AnswerResult> AnswerAsync(ApprovalAnswer answer, CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        ArgumentNullException.ThrowIfNull(answer);
        ArgumentException.ThrowIfNullOrWhiteSpace(answer.By);
        var decided = await _desk.DecideAsync(
            answer.SessionId,
            new SessionCommand<AnswerResult>
            {
                Name = "answer",
                Decide = (stored, now) => stored.State is { } state && state.IsOf(answer.Owner)
                    ? ToChange(SessionRules.Answer(state, answer, now))
                    : (new AnswerResult(AnswerStatus.NotFound, null), null),
            },
            cancellationToken);
        return decided.Answer;
    }

    /// <summary>Says of all questions whose time is over that nobody answered. Any process may.</summary>
    public async Task ExpireAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var (due, now) = await _expiries.FindDueAsync(ExpiriesAtOnce, ExpiringTakes, cancellationToken);
            foreach (var session in due)
            {
                if (await ExpireAsync(session.SessionId, cancellationToken) is { } next)
                {
                    await _expiries.PutOffAsync(session, next, cancellationToken);
                }
                else
                {
                    await _expiries.NoteVainAsync(session, now, cancellationToken);
                }
            }

            if (due.Count < ExpiriesAtOnce)
            {
                return;
            }
        }
    }

    /// <returns>When the next question of the session expires, by the store's clock; <c>null</c>: none is open.</returns>
    private async Task<long?> ExpireAsync(SessionId sessionId, CancellationToken cancellationToken)
    {
        var decided = await _desk.DecideAsync(
            sessionId,
            new SessionCommand<bool>
            {
                Name = "expire",
                Decide = (stored, now) => stored.State is { NextExpiry: { } expiry } state && expiry <= now
                    ? ToChange((true, SessionRules.Expire(state, now)))
                    : (false, null),
            },
            cancellationToken);
        return decided.Stored.State?.NextExpiry is { } next ? ScriptArguments.ToMicroseconds(next) : null;
    }
}
