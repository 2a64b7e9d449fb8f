using System.Text.Json;

namespace AgentStream.Client.Wire;

/// <summary>What a client sends: <c>{"type":…,"payload":{…}}</c>.</summary>
internal sealed record ChatFrame(string Type, ChatPayload Payload);

internal sealed record CancelFrame(string Type, CancelPayload Payload);

internal sealed record ApprovalFrame(string Type, ApprovalPayload Payload);

internal sealed record ToolResultFrame(string Type, ToolResultPayload Payload);

internal sealed record ChatPayload
{
    public required string Message { get; init; }

    public required string MessageId { get; init; }

    public string? AgentName { get; init; }

    public bool? EnableReasoning { get; init; }

    public int? MaxIterations { get; init; }

    public string? Model { get; init; }

    public double? Temperature { get; init; }

    public int? MaxTokens { get; init; }

    public JsonElement? Context { get; init; }

    public IReadOnlyList<HistoryMessage>? History { get; init; }

    public IReadOnlyList<string>? Attachments { get; init; }

    public IReadOnlyList<ToolPayload>? Tools { get; init; }

    public string? ReplacesRunId { get; init; }

    public OnBusy? OnBusy { get; init; }

    public string? Traceparent { get; init; }

    public string? Tracestate { get; init; }
}

internal sealed record ToolPayload(string Name, string? Description, JsonElement? Parameters);

internal sealed record CancelPayload(string? RunId);

internal sealed record ApprovalPayload(string? RunId, string? ToolCallId, bool Approved, string? Reason, JsonElement? Arguments);

internal sealed record ToolResultPayload(string? RunId, string? ToolCallId, string Result, bool? IsError);

internal sealed record TitleBody(string Title);

internal sealed record SessionPage(IReadOnlyList<SessionSummary>? Sessions, string? Next);

internal sealed record CancelBody(string? Status);

internal sealed record ProblemBody(string? Type, string? Title, string? Detail);
