using AgentStream.Worker.Agents;

namespace AgentStream.Worker.AgentFramework;

/// <summary>What a worker has to know of an agent of the Agent Framework, beside what the agent says itself.</summary>
public sealed class AIAgentOptions
{
    /// <summary>For people who choose. Default: the agent's own description; one of the two is needed.</summary>
    public string? Description { get; set; }

    /// <summary>
    /// Names of tools of the agent, or patterns of names, whose calls a person must agree to; <c>*</c>: all.
    /// Default: only those that are an <c>ApprovalRequiredAIFunction</c>. Only for an agent whose calls the worker makes.
    /// </summary>
    public IList<string> Approvals { get; } = [];

    /// <summary>
    /// Names of tools of the agent, or patterns of names, that may be called again without harm: a call in doubt is repeated.
    /// Default: none. Only for an agent whose calls the worker makes.
    /// </summary>
    public IList<string> IdempotentTools { get; } = [];

    /// <summary>
    /// For an agent that calls its tools itself: when its worker is lost, another one may begin its whole work anew.
    /// Default: no, and the run ends with the error <c>in_doubt</c>.
    /// </summary>
    public bool RepeatsLostReply { get; set; }

    /// <summary>The limits of one run.</summary>
    public AgentLimits Limits { get; set; } = new();
}
