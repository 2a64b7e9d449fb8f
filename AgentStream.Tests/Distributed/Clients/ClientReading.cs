using AgentStream.Client;
using AgentStream.Tests.Support;

namespace AgentStream.Tests.Distributed.Clients;

/// <summary>A program that asks, and reads what happens while the test breaks things.</summary>
internal sealed class ClientReading
{
    private readonly Lock _lock = new();
    private readonly List<AgentEvent> _events = [];
    private readonly List<(Func<AgentEvent, bool> Fits, TaskCompletionSource Seen)> _waiting = [];
    private readonly Task _reading;

    public ClientReading(IAsyncEnumerable<AgentEvent> events) => _reading = ReadAsync(events);

    public async Task SeeAsync(Func<AgentEvent, bool> fits)
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_events.Any(fits))
            {
                return;
            }

            _waiting.Add((fits, seen));
        }

        await (await Task.WhenAny(seen.Task, _reading)).WaitAsync(TestTimeouts.Default);
        Assert.True(seen.Task.IsCompleted, "The reading ended before.");
    }

    /// <summary>
    /// Waits for the end, and checks what every program may rely on: the run from its beginning to its end, each offset once and in order.
    /// </summary>
    public async Task<IReadOnlyList<AgentEvent>> EndAsync()
    {
        await _reading.WaitAsync(TestTimeouts.Default);
        Assert.DoesNotContain(_events, happened => happened is SnapshotReceived);
        var log = _events.OfType<LogEvent>().ToList();
        Assert.IsType<RunQueued>(log[0]);
        Assert.IsType<RunFinished>(log[^1]);
        Assert.Single(log.OfType<RunFinished>());
        Assert.All(log.Zip(log.Skip(1)), pair => Assert.Equal(pair.First.Seq + 1, pair.Second.FirstSeq));

        // The pieces of each step that stands are its text.
        var superseded = log.OfType<StepSuperseded>().SelectMany(one => one.StepIds).ToHashSet();
        Assert.All(
            log.OfType<ReasoningStep>().Where(step => !superseded.Contains(step.StepId)),
            step => Assert.Contains(
                string.Concat(log.OfType<StepDelta>().Where(delta => delta.StepId == step.StepId).Select(delta => delta.Delta)),
                (string[])["", step.Content]));
        return _events;
    }

    private async Task ReadAsync(IAsyncEnumerable<AgentEvent> events)
    {
        await foreach (var happened in events)
        {
            lock (_lock)
            {
                _events.Add(happened);
                _waiting.FindAll(one => one.Fits(happened)).ForEach(one => one.Seen.TrySetResult());
            }
        }
    }
}
