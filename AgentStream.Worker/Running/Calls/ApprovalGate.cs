using System.Text.Json;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;
using AgentStream.Worker.Agents;
using AgentStream.Worker.Running.Checkpoints;
using AgentStream.Worker.Running.ReAct;
using AgentStream.Worker.Tools.Arguments;
using AgentStream.Worker.Tools.Output;

namespace AgentStream.Worker.Running.Calls;

/// <summary>
/// Decides which calls a person must agree to first, or whoever brought the tool has to execute, and knows what was said to them.
/// Everything goes by the id of the call alone, so that a loop inside another's call can have one of its own.
/// </summary>
internal sealed class ApprovalGate(
    AgentDefinition agent, ToolCaller tools, IReadOnlyList<ToolApprovalResolved> decisions, TimeProvider time)
{
    private readonly Dictionary<ToolCallId, ToolApprovalResolved> _decisions = decisions.ToDictionary(decision => decision.ToolCallId);

    /// <summary>
    /// Nobody has been asked yet. What could not begin anyway (no such tool, arguments that the schema does not take) is asked of nobody.
    /// </summary>
    public bool MustAsk(RecordedCall call)
        => !_decisions.ContainsKey(call.Id)
            && tools.Find(call.Name) is { } tool
            && (tool.IsClientTool || agent.NeedsApproval(tool))
            && tools.TryPrepare(call, out _, out _, out _);

    public ToolApprovalRequired Question(RecordedCall call) => new()
    {
        ToolCallId = call.Id,
        ToolName = call.Name,
        Arguments = StepFactory.ArgumentsOnTheWire(call.Arguments),
        ExpiresAt = time.GetUtcNow() + agent.Limits.ApprovalTimeout,
        ClientTool = IsClientTool(call) ? true : null,
    };

    /// <summary>What came of a call that its caller has executed; <c>null</c>: it is executed here.</summary>
    public ToolOutcome? ResultOf(RecordedCall call)
        => _decisions.GetValueOrDefault(call.Id) is { Approved: true, Result: { } result } given
            ? new ToolOutcome(CutText.Of(result, agent.Limits.ToolResultCharacters)) { IsError = given.IsError is true }
            : null;

    /// <summary>The text that the model shall read instead of a result; <c>null</c>: the call may begin.</summary>
    /// <param name="call">The call.</param>
    /// <param name="begun">An attempt that was lost had begun it already, unasked: only repeating it needed leave.</param>
    public ToolOutcome? RefusalOf(RecordedCall call, bool begun) => _decisions.GetValueOrDefault(call.Id) switch
    {
        null or { Approved: true } => null,
        { Expired: true } when IsClientTool(call) => new ToolOutcome(
            "Whoever brought this tool did not give a result in time. It is not known whether the call took effect. Go on without it.")
        { IsError = true },
        _ when IsClientTool(call) => new ToolOutcome("A person refused this call. It has no result. Go on without it.") { IsError = true },
        _ when begun => new ToolOutcome(
            "The worker was lost while this call ran, and no person agreed to repeating it. It is not known whether it took effect. Check "
                + "before trying again.")
        { IsError = true, InDoubt = true },
        { Expired: true } => new ToolOutcome(
            "This call needs the approval of a person, and nobody answered in time. It was not executed. Go on without it, and say what is "
                + "left to be approved.")
        { IsError = true },
        { Reason: { Length: > 0 } reason } => new ToolOutcome(
            $"A person refused this call. It was not executed, and is not to be tried in another way. Their reason: {reason}")
        { IsError = true },
        _ => new ToolOutcome("A person refused this call. It was not executed, and is not to be tried in another way.") { IsError = true },
    };

    /// <summary>The call as it is to run: with the person's arguments where they changed them.</summary>
    public RecordedCall Final(RecordedCall call)
        => _decisions.GetValueOrDefault(call.Id) is { Approved: true, Edited: true, Arguments: { } arguments }
            ? call with { Arguments = JsonSerializer.Serialize(arguments, ToolJsonContext.Relaxed.JsonElement) }
            : call;

    private bool IsClientTool(RecordedCall call) => tools.Find(call.Name) is { IsClientTool: true };
}
