using System.Threading.Channels;

namespace AgentStream.Messaging.Embedded.Scheduling;

/// <summary>Sees to retention every few seconds, and at once where a run ended that is not to be replayed.</summary>
internal sealed class RetentionLoop(EmbeddedSessionStore store, TimeProvider timeProvider)
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval, timeProvider);
        var tick = timer.WaitForNextTickAsync(cancellationToken).AsTask();
        var due = WaitForDueAsync(store.RetentionDue, cancellationToken);
        while (true)
        {
            await await Task.WhenAny(tick, due);
            await store.RetainAsync(cancellationToken);
            if (tick.IsCompleted)
            {
                tick = timer.WaitForNextTickAsync(cancellationToken).AsTask();
            }

            if (due.IsCompleted)
            {
                due = WaitForDueAsync(store.RetentionDue, cancellationToken);
            }
        }
    }

    private static async Task<bool> WaitForDueAsync(ChannelReader<bool> due, CancellationToken cancellationToken)
        => await due.ReadAsync(cancellationToken);
}
