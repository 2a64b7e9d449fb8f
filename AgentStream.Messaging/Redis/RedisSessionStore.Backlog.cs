using AgentStream.Messaging.Telemetry;

namespace AgentStream.Messaging.Redis;

/// <content>For people who watch.</content>
internal sealed partial class RedisSessionStore
{
    /// <inheritdoc />
    public async ValueTask<QueueBacklog> GetBacklogAsync(CancellationToken cancellationToken)
    {
        var (sessions, oldest) = await _work.BacklogAsync(cancellationToken);
        return new QueueBacklog(sessions, oldest);
    }
}
