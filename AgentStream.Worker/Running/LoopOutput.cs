using AgentStream.Messaging.Protocol;
using AgentStream.Worker.Running.Checkpoints;

namespace AgentStream.Worker.Running;

/// <summary>What the loop hands to whoever runs it. The loop goes on only when it is asked for the next output: by then this one is kept.</summary>
internal abstract record LoopOutput;

/// <summary>A piece of text, to be shown as soon as possible; may be gathered with others.</summary>
internal sealed record LoopDelta(StepDelta Delta) : LoopOutput;

/// <summary>Steps that belong together with the record of what they stand for: kept at once and whole, before the loop goes on.</summary>
internal sealed record LoopCommit(IReadOnlyList<SessionEvent> Events, RunRecord? Record = null) : LoopOutput
{
    /// <summary>What follows has consequences: it must not be kept, nor what follows begin, once cancelling was asked for.</summary>
    public bool RefuseIfCancelRequested { get; init; }

    /// <summary>Nothing is under way behind it and nothing was announced: here another worker may take the run without losing or doubting anything.</summary>
    public bool MayBeHandedBack { get; init; }
}

/// <summary>The last output.</summary>
internal sealed record LoopEnd(IReadOnlyList<SessionEvent> Events, RunRecord? Record, RunFinished Finished) : LoopOutput;
