namespace AgentStream.Tests.Simulation.Scenarios;

/// <summary>What can go wrong.</summary>
internal enum FaultKind
{
    WorkerCrash,
    WorkerCrashBeforeWrite,
    WorkerCrashAfterWrite,
    WorkerPause,
    WorkerStop,
    WorkerCutBothWays,
    WorkerCutTo,
    WorkerCutFrom,
    WorkerErrorBefore,
    WorkerErrorAfter,
    WorkerLate,
    WorkerClockJump,
    ServerCrash,
    ServerPause,
    ServerStop,
    ServerCutBothWays,
    ServerCutTo,
    ServerCutFrom,
    ServerErrorBefore,
    ServerErrorAfter,
    ServerLate,
    StoreCrash,
    StoreCrashBeforeWrite,
    StoreCrashAfterWrite,
    StorePause,
    StoreClockJump,
    DiskFull,
    DiskErrorAfter,
    ClientBreak,
    ClientPause,
    ClientForget,
    ClientGone,
    ClientCutBothWays,
    ClientCutTo,
    ClientCutFrom,
}

/// <summary>One thing that goes wrong.</summary>
/// <param name="Kind">What.</param>
/// <param name="At">From when on.</param>
/// <param name="Target">To which of its kind.</param>
/// <param name="For">For how long, or until it comes back.</param>
/// <param name="Nth">At which write from then on, or how many of them.</param>
internal sealed record Fault(FaultKind Kind, TimeSpan At, int Target, TimeSpan For, int Nth)
{
    public override string ToString() => $"{Kind}({Target}) at {At.TotalSeconds:0.00} s for {For.TotalSeconds:0.00} s, {Nth}";
}

/// <summary>What people do.</summary>
internal enum ActionKind
{
    Ask,
    Cancel,
}

/// <summary>One thing that somebody does.</summary>
/// <param name="Kind">What.</param>
/// <param name="At">When.</param>
/// <param name="Client">Who.</param>
/// <param name="Plan">What is asked.</param>
/// <param name="OnBusy">What becomes of it in a busy session.</param>
internal sealed record ClientAction(ActionKind Kind, TimeSpan At, int Client, int Plan, string OnBusy)
{
    public override string ToString() => $"{Kind} by client {Client} at {At.TotalSeconds:0.00} s, plan {Plan} {OnBusy}";
}
