using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;
using AgentStream.Worker.Agents;
using AgentStream.Worker.Running.Calls;
using AgentStream.Worker.Running.Checkpoints;

namespace AgentStream.Worker.Running.ReAct;

/// <summary>
/// One claim of one run while it lasts: how far the run is, and how it ends. Shared by what asks the model and what calls its tools.
/// </summary>
internal sealed class RunAttempt(RunDescription run, RunControl control, TimeProvider time)
{
    public RunDescription Run => run;

    public RunState State { get; } = run.Nesting?.State ?? RunState.From(run.Checkpoints);

    public StepFactory Steps { get; } = run.Nesting?.Steps ?? new(run.Request.RunId, run.ClaimNumber, run.Agent.Name, time);

    public AgentLimits Limits => run.Agent.Limits;

    public RunId RunId => run.Request.RunId;

    public int MaxIterations => Math.Min(run.Request.MaxIterations, Limits.MaxIterations);

    /// <summary>The number of the last whole reply; 0: there was none yet.</summary>
    public int Iteration => State.Replies.Count;

    public bool IsCancelled => run.CancelRequested || control.Cancelled.IsCancellationRequested;

    /// <summary>The run has no tokens left.</summary>
    public bool UsedUp => State.TotalUsage() is { } usage && usage.TotalTokens >= Limits.MaxTokens;

    /// <summary>The rest of the run's wall time; time spent waiting for people does not count.</summary>
    public TimeSpan WallTimeLeft()
    {
        var left = run.FirstStartedAt + run.Parked + Limits.WallTime - time.GetUtcNow();
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    /// <summary>Names a call, counted from 0 within its reply: the same name in each attempt.</summary>
    public ToolCallId CallId(int iteration, int index)
        => run.Nesting is { } nesting ? ToolCallId.Create(nesting.Call, iteration, index) : ToolCallId.Create(RunId, iteration, index);

    /// <summary>Names a question whether the run may cost more, counted from 0: the same name in each attempt.</summary>
    public ToolCallId SpendingId(int number) => ToolCallId.Parse($"{run.Nesting?.Call.Value ?? RunId.Value}-spend-{number + 1}");

    /// <summary>A call with its result, as step and as record.</summary>
    public LoopCommit Result(RecordedCall call, ToolOutcome outcome, StepId? stepId = null)
    {
        var record = Finish(call, outcome);
        return new LoopCommit([Steps.ToolResult(call, Iteration, outcome, stepId)], record);
    }

    /// <summary>The record of a result that is told in another way.</summary>
    public CallFinished Finish(RecordedCall call, ToolOutcome outcome)
    {
        var record = new CallFinished(call.Id, outcome.Content, outcome.IsError, Math.Round(outcome.Duration.TotalMilliseconds, 1));
        State.Apply(record);
        return record;
    }

    public LoopEnd Cancelled(IReadOnlyList<SessionEvent> events, RunRecord? record) => End(events, record, RunStatus.Cancelled);

    public LoopEnd Failed(IReadOnlyList<SessionEvent> events, ReplyRecorded? record, RunError error)
        => End([.. events, Steps.Error(error.Message, record?.Iteration ?? Math.Max(1, Iteration))], record, RunStatus.Failed, error);

    public LoopEnd End(IReadOnlyList<SessionEvent> events, RunRecord? record, RunStatus status, RunError? error = null)
    {
        if (record is not null)
        {
            State.Apply(record);
        }

        return new LoopEnd(events, record, Finished(status, error));
    }

    public RunFinished Finished(RunStatus status, RunError? error = null) => new()
    {
        Status = status,
        Error = error?.Message,
        ErrorCode = error?.Code,
        DurationMs = Math.Round((time.GetUtcNow() - run.FirstStartedAt - run.Parked).TotalMilliseconds, 1),
        Iterations = Iteration,
        Usage = State.TotalUsage() is { } usage ? usage with { Cost = State.Cost(run.PriceOf) } : null,
    };
}
