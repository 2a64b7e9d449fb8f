namespace AgentStream.Messaging.Embedded.Scheduling;

/// <summary>Says of questions that nobody answered in time that it is over.</summary>
internal sealed class ExpiryLoop(EmbeddedSessionStore store, TimeProvider timeProvider)
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval, timeProvider);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            await store.ExpireAsync(cancellationToken);
        }
    }
}
