namespace AgentStream.Worker.Running.ReAct;

/// <summary>Tells a run under way to stop: two different things, never mixed up.</summary>
internal sealed class RunControl : IDisposable
{
    private readonly CancellationTokenSource _cancel = new();
    private readonly CancellationTokenSource _abandon = new();
    private volatile bool _handBack;
    private volatile bool _isGoing;

    /// <summary>Somebody wants the run to end: it ends as cancelled, and says so in the log.</summary>
    public CancellationToken Cancelled => _cancel.Token;

    /// <summary>This worker has no right to the run any more, or gives it up: it stops and writes nothing.</summary>
    public CancellationToken Abandoned => _abandon.Token;

    /// <summary>The worker shuts down: the run is given back at its next checkpoint after which no call is under way.</summary>
    public bool HandBackRequested => _handBack;

    /// <summary>
    /// The write is under way with which the run leaves this worker, for good or to wait for people:
    /// its own answer says whether the lease still held, and who renews it meanwhile may hear that it is gone only
    /// because that write has come through.
    /// </summary>
    public bool IsGoing
    {
        get => _isGoing;
        set => _isGoing = value;
    }

    /// <summary>The lease is gone: nothing may be written, nothing can be given back.</summary>
    public bool LeaseLost { get; private set; }

    public Task CancelAsync() => _cancel.CancelAsync();

    public void Cancel() => _cancel.Cancel();

    public void RequestHandBack() => _handBack = true;

    public Task AbandonAsync() => _abandon.CancelAsync();

    public Task LoseLeaseAsync()
    {
        LeaseLost = true;
        return _abandon.CancelAsync();
    }

    public void Dispose()
    {
        _cancel.Dispose();
        _abandon.Dispose();
    }
}
