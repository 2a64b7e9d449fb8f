using AgentStream.Messaging.Telemetry;
using StackExchange.Redis;

namespace AgentStream.Messaging.Redis;

/// <content>For people who watch.</content>
internal sealed partial class RedisSessionStore
{
    private const int ParkedAtOnce = 1_000;

    /// <inheritdoc />
    public async ValueTask<QueueBacklog> GetBacklogAsync(CancellationToken cancellationToken)
    {
        var (sessions, oldest) = await _work.BacklogAsync(cancellationToken);

        // The index knows sessions whose questions have been answered, too: only the session itself says that it waits.
        var asked = await _expiries.FirstAsync(ParkedAtOnce, cancellationToken);
        var parked = await Task.WhenAll(asked.Select(sessionId => IsParkedAsync(sessionId, cancellationToken)));
        return new QueueBacklog(sessions, oldest, parked.Count(isParked => isParked));
    }

    private async Task<bool> IsParkedAsync(SessionId sessionId, CancellationToken cancellationToken)
        => await _link.AskAsync(
            _keys.Of(sessionId).Meta,
            database => database.HashExistsAsync(_keys.Of(sessionId).Meta, "parked", CommandFlags.DemandMaster),
            cancellationToken);
}
