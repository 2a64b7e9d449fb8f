using AgentStream.Messaging.Telemetry;

namespace AgentStream.Messaging.Embedded;

/// <content>For people who watch.</content>
internal sealed partial class EmbeddedSessionStore
{
    /// <inheritdoc />
    public ValueTask<QueueBacklog> GetBacklogAsync(CancellationToken cancellationToken)
    {
        var (sessions, since) = _claims.Ready;
        return ValueTask.FromResult(new QueueBacklog(sessions, since is { } first ? _timeProvider.GetElapsedTime(first) : TimeSpan.Zero));
    }
}
