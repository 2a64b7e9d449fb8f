namespace AgentStream.Tests.Worker.Models;

/// <summary>A timer that goes off when the test says so.</summary>
/// <param name="fire">What happens when the time has come.</param>
/// <param name="due">How long it was to take.</param>
internal sealed class ReportedTimer(Action fire, TimeSpan due) : ITimer
{
    public TimeSpan Due { get; } = due;

    public void Fire() => fire();

    public bool Change(TimeSpan dueTime, TimeSpan period) => true;

    public void Dispose()
    {
        // Nothing runs.
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
