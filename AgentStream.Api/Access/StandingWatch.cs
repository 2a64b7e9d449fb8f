using AgentStream.Access;
using AgentStream.Api.Delivery;
using Microsoft.Extensions.Options;

namespace AgentStream.Api.Access;

/// <summary>Closes what was opened with a key, a sign-in or a token that does not hold any more.</summary>
internal sealed class StandingWatch(
    ConnectionRegistry connections, ICallerStanding standing, ActiveSignIns signIns, IOptions<HeaderAccessOptions> header,
    TimeProvider time) : BackgroundService
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
                connections.EndWhere(IsOver, Ending.SignedOut);
                if (header.Value.ConnectionLifetime > TimeSpan.Zero)
                {
                    connections.EndWhere(HasToBeShownAgain, Ending.GoingAway);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process ends.
        }
    }

    private bool IsOver(Caller caller)
    {
        if (!standing.IsGood(caller))
        {
            return true;
        }

        signIns.Note(caller);
        return false;
    }

    // Of whom a proxy knows who they are, it alone can tell what they have lost; it is asked with a request, and an open socket makes none.
    private bool HasToBeShownAgain(Caller caller)
        => caller.IsKnownByProxy && caller.Since + header.Value.ConnectionLifetime <= time.GetUtcNow();
}
