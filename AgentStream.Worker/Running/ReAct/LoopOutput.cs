using AgentStream.Messaging.Protocol;
using AgentStream.Worker.Running.Checkpoints;

namespace AgentStream.Worker.Running.ReAct;

/// <summary>
/// An output of the loop to whoever runs it. The loop goes on only when it is asked for the next output: by then this one is kept.
/// </summary>
internal abstract record LoopOutput;

/// <summary>A piece of text, to be shown as soon as possible; may be gathered with others.</summary>
internal sealed record LoopDelta(StepDelta Delta) : LoopOutput;

/// <summary>Steps that belong together with the record of what they stand for: kept at once and whole, before the loop goes on.</summary>
internal sealed record LoopCommit(IReadOnlyList<SessionEvent> Events, RunRecord? Record = null) : LoopOutput
{
    /// <summary>The next step has consequences: it must not be kept, nor what follows begin, once cancelling was asked for.</summary>
    public bool RefuseIfCancelRequested { get; init; }

    /// <summary>
    /// Nothing is under way after it and nothing was announced: here another worker may take the run without losing or doubting anything.
    /// </summary>
    public bool MayBeHandedBack { get; init; }
}

/// <summary>A message that came meanwhile is taken up: kept at once, and out of the queue with that.</summary>
/// <param name="Event">What the log says of it.</param>
/// <param name="Record">What the next attempt has to know.</param>
internal sealed record LoopTake(MessageSteered Event, MessageTaken Record) : LoopOutput
{
    /// <summary>Whoever keeps it says so: the message waits no more, or the run is to end. It is not taken then.</summary>
    public bool IsRefused { get; set; }
}

/// <summary>
/// The last output of a claim whose run has questions for people: they are among the events, are kept whole,
/// and then nobody has the run until all are answered.
/// Where it can't be kept because cancelling was asked for, the loop is to be asked for its next output, which ends the run.
/// </summary>
/// <param name="Events">The questions, each known by its call's id, and what belongs to them.</param>
/// <param name="Record">What the next claim has to know, if anything.</param>
/// <param name="IfCancelled">How the run ends if it is cancelled before anybody goes on with it.</param>
internal sealed record LoopPark(IReadOnlyList<SessionEvent> Events, RunRecord? Record, RunFinished IfCancelled) : LoopOutput;

/// <summary>The last output of a run.</summary>
internal sealed record LoopEnd(IReadOnlyList<SessionEvent> Events, RunRecord? Record, RunFinished Finished) : LoopOutput
{
    /// <summary>The record with what later prompts say of a run that came to no answer.</summary>
    public RunRecord? Kept => Finished.Status == RunStatus.Completed
        ? Record
        : (Record ?? new EmptyRecord()) with { Ended = new RunEnding(Finished.Status, Finished.ErrorCode) };
}
