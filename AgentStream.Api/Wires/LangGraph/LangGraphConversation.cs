using System.Text.Json;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Transcript;

namespace AgentStream.Api.Wires.LangGraph;

/// <summary>A conversation as messages of LangGraph: the id of each is that of our step, or of our message.</summary>
internal static class LangGraphConversation
{
    public const string Ai = "ai";
    public const string Tool = "tool";

    /// <summary>All messages of some runs that have not left the conversation.</summary>
    public static IReadOnlyList<LangGraphMessage> Of(IEnumerable<TranscriptMessage> messages)
        => [.. messages.Where(message => message.ReplacedBy is null).SelectMany(Of)];

    public static LangGraphMessage Question(TranscriptMessage message)
        => new() { Type = "human", Id = message.MessageId.Value, Content = message.Message };

    /// <summary>The message that a finished step is; <c>null</c>: it is none, or another agent's inside a call.</summary>
    public static LangGraphMessage? Of(ReasoningStep step) => step switch
    {
        { ParentStepId: not null } => null,
        { StepType: StepType.Thought } => new() { Type = Ai, Id = step.StepId.Value, Content = "", AdditionalKwargs = new(step.Content) },
        { StepType: StepType.FinalAnswer } => new() { Type = Ai, Id = step.StepId.Value, Content = step.Content },
        { StepType: StepType.ToolUse, ToolCallId: { } call } => new()
        {
            Type = Ai,
            Id = step.StepId.Value,
            Content = "",
            ToolCalls = [new(call.Value, step.ToolName ?? "", ArgumentsOf(step.Arguments))],
        },
        { StepType: StepType.ToolResult, ToolCallId: { } call } => new()
        {
            Type = Tool,
            Id = step.StepId.Value,
            Content = step.Content,
            ToolCallId = call.Value,
            Name = step.ToolName,
            Status = step.IsError is true ? "error" : "success",
        },
        _ => null,
    };

    public static LangGraphInterrupt Of(ToolApprovalRequired question)
        => InterruptOf(question.ToolCallId.Value, question.ToolName, question.Arguments, question.ExpiresAt);

    public static LangGraphInterrupt Of(PendingApproval question)
        => InterruptOf(question.ToolCallId.Value, question.ToolName, question.Arguments, question.ExpiresAt);

    private static LangGraphInterrupt InterruptOf(string call, string name, JsonElement? arguments, DateTimeOffset expiresAt)
        => new(call, new(call, name, arguments, expiresAt.ToUnixTimeMilliseconds() / 1000d));

    public static LangGraphUsage? Of(TokenUsage? usage)
        => usage is null ? null : new(usage.InputTokens, usage.OutputTokens, usage.TotalTokens);

    private static IEnumerable<LangGraphMessage> Of(TranscriptMessage message)
    {
        List<LangGraphMessage> said = [Question(message), .. message.Steps.Select(Of).OfType<LangGraphMessage>()];
        var last = said.FindLastIndex(one => one.Type == Ai);
        if (last > 0)
        {
            said[last] = said[last] with { UsageMetadata = Of(message.Usage) };
        }

        return said;
    }

    // What is no object is no arguments there.
    private static JsonElement ArgumentsOf(JsonElement? arguments)
        => arguments is { ValueKind: JsonValueKind.Object } json ? json : JsonElement.Parse("{}");
}
