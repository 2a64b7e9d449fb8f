using AgentStream.Messaging.Telemetry;

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
        => (bool)await _link.ExecuteAsync("HEXISTS", [_keys.Of(sessionId).Meta, "parked"], cancellationToken);
}
