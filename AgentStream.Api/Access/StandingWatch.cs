using AgentStream.Access;
using AgentStream.Api.Delivery;

namespace AgentStream.Api.Access;

/// <summary>Closes what was opened with a key, a sign-in or a token that does not hold any more.</summary>
internal sealed class StandingWatch(ConnectionRegistry connections, ICallerStanding standing, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // Made here and not in the loop, which may begin to run only after the first clients have come.
    private readonly PeriodicTimer _timer = new(Interval, time);

    public override void Dispose()
    {
        _timer.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (await _timer.WaitForNextTickAsync(stoppingToken))
            {
                connections.EndWhere(caller => !standing.IsGood(caller), Ending.SignedOut);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process ends.
        }
    }
}
