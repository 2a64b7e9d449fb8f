using AgentStream.Messaging;
using AgentStream.Worker.Running.Checkpoints;
using AgentStream.Worker.Running.ReAct;

namespace AgentStream.Worker.Running.Delegation;

/// <summary>The place of a loop that works inside a call of another one.</summary>
/// <param name="Call">The call that it does; what it calls itself is named after it.</param>
/// <param name="State">How far it is; a part of the other loop's state.</param>
/// <param name="Steps">Numbers its steps together with those of the whole run, and says whose they are.</param>
/// <param name="WallTime">Cancelled when the other loop's time is over.</param>
internal sealed record Nesting(ToolCallId Call, RunState State, StepFactory Steps, CancellationToken WallTime);
