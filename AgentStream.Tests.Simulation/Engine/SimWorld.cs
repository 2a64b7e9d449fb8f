namespace AgentStream.Tests.Simulation.Engine;

/// <summary>The one clock, and all that is going to happen by it.</summary>
/// <remarks>
/// Time stands still while anything can go on without it: the next thing happens when the pool, which has one thread, has nothing to do.
/// </remarks>
internal sealed class SimWorld(long seed)
{
    public static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly PriorityQueue<Occurrence, (long At, long Order)> _due = new();
    private readonly List<Task> _begun = [];
    private long _order;

    public Draws Draws { get; } = new(seed);

    public Network Network { get; } = new();

    public Counts Counts { get; } = new();

    /// <summary>What went wrong in the simulated processes that no process may let happen.</summary>
    public List<string> Failures { get; } = [];

    /// <summary>The time since the beginning, in ticks.</summary>
    public long Now { get; private set; }

    public TimeSpan Elapsed => new(Now);

    public Occurrence Schedule(SimProcess? owner, TimeSpan delay, Action action)
    {
        var occurrence = new Occurrence(owner, action);
        _due.Enqueue(occurrence, (Now + Math.Max(0, delay.Ticks), _order++));
        return occurrence;
    }

    /// <summary>Completes after a while in the life of a process; of one that died, never.</summary>
    public Task DelayAsync(SimProcess? owner, TimeSpan delay)
    {
        var due = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Schedule(owner, delay, due.SetResult);
        return due.Task;
    }

    /// <summary>Keeps something that goes on by itself, so that its failure is one of the scenario.</summary>
    public void Begin(Task task)
    {
        if (!task.IsCompletedSuccessfully)
        {
            _begun.Add(task);
        }
    }

    /// <summary>Lets time pass.</summary>
    public async Task RunAsync(TimeSpan until)
    {
        while (true)
        {
            await SettleAsync();
            if (!_due.TryPeek(out var next, out var when) || when.At > until.Ticks)
            {
                Now = until.Ticks;
                break;
            }

            _due.Dequeue();
            Now = Math.Max(Now, when.At);
            if (!next.IsCancelled)
            {
                next.Run();
            }
        }

        foreach (var failed in _begun.Where(task => task.IsFaulted))
        {
            Failures.Add($"a simulated process failed: {failed.Exception!.InnerException}");
        }

        _begun.RemoveAll(task => task.IsCompleted);
    }

    // The pool's queue is first in, first out: whoever yields comes after all that there is now, and there is one thread.
    private static async Task SettleAsync()
    {
        do
        {
            await Task.Yield();
        }
        while (ThreadPool.PendingWorkItemCount > 0);
    }
}

/// <summary>Something that is going to happen.</summary>
/// <param name="owner">In whose life; <c>null</c>: it happens anyway.</param>
/// <param name="action">What.</param>
internal sealed class Occurrence(SimProcess? owner, Action action)
{
    public bool IsCancelled { get; set; }

    public void Run()
    {
        if (owner is null)
        {
            action();
        }
        else
        {
            owner.Run(() =>
            {
                if (!IsCancelled)
                {
                    action();
                }
            });
        }
    }
}
