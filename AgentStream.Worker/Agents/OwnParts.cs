using AgentStream.Worker.Models;
using AgentStream.Worker.Tools;

namespace AgentStream.Worker.Agents;

/// <summary>The parts that an agent of another framework brings along.</summary>
/// <param name="Model">Its model; an agent that runs as a whole is its own model, whose one reply is the whole of its work.</param>
/// <param name="Tools">Its tools, which no other agent has.</param>
internal sealed record OwnParts(ResolvedModel Model, IReadOnlyList<AgentTool> Tools)
{
    /// <summary>It calls its tools itself: nothing of it is known before its reply is whole.</summary>
    public bool RunsAsAWhole { get; init; }

    /// <summary>A reply that was lost with its worker may be asked for again. Means nothing unless it runs as a whole.</summary>
    public bool RepeatsLostReply { get; init; }
}
