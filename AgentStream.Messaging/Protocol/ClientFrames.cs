using System.Text.Json;
using System.Text.Json.Serialization;

namespace AgentStream.Messaging.Protocol;

/// <summary>The discriminators of what a client sends.</summary>
internal static class CommandTypes
{
    public const string Chat = "chat";
    public const string Cancel = "cancel";
    public const string ToolApproval = "tool_approval";
    public const string ToolResult = "tool_result";
    public const string Ping = "ping";
}

/// <summary>The effect of a message that meets a busy session.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<OnBusy>))]
internal enum OnBusy
{
    /// <summary>Waits after the runs that are there.</summary>
    [JsonStringEnumMemberName("enqueue")]
    Enqueue,

    /// <summary>Is refused with <see cref="ErrorCodes.Busy"/>.</summary>
    [JsonStringEnumMemberName("reject")]
    Reject,

    /// <summary>Cancels the running run and goes before the queued ones.</summary>
    [JsonStringEnumMemberName("interrupt")]
    Interrupt,

    /// <summary>
    /// Is handed to the run under way at its next step; where that has none any more it waits after the runs that are there.
    /// </summary>
    [JsonStringEnumMemberName("steer")]
    Steer,
}

/// <summary>The payload of <c>chat</c>, and the body of the message route over HTTP.</summary>
internal sealed record ChatPayload
{
    public string? Message { get; init; }

    public string? AgentName { get; init; }

    public bool? EnableReasoning { get; init; }

    public string? MessageId { get; init; }

    public int? MaxIterations { get; init; }

    public string? Model { get; init; }

    public double? Temperature { get; init; }

    public int? MaxTokens { get; init; }

    /// <summary>An object that the agent is told.</summary>
    public JsonElement? Context { get; init; }

    /// <summary>An earlier conversation, oldest first, that stands in for the session's own in this run.</summary>
    public IReadOnlyList<HistoryMessage>? History { get; init; }

    /// <summary>Tools that the caller executes.</summary>
    public IReadOnlyList<ClientTool>? Tools { get; init; }

    /// <summary>The ids of files that were added to the session before.</summary>
    public IReadOnlyList<string>? Attachments { get; init; }

    public string? ReplacesRunId { get; init; }

    public string? Traceparent { get; init; }

    public string? Tracestate { get; init; }

    /// <summary><c>enqueue</c> (default), <c>reject</c>, <c>interrupt</c> or <c>steer</c>.</summary>
    public string? OnBusy { get; init; }
}

/// <summary>One message of a supplied history.</summary>
internal sealed record HistoryMessage
{
    /// <summary><c>user</c> or <c>assistant</c>.</summary>
    public string? Role { get; init; }

    public string? Content { get; init; }
}

/// <summary>The payload of <c>cancel</c>.</summary>
internal sealed record CancelPayload
{
    public string? RunId { get; init; }
}

/// <summary>The payload of <c>tool_approval</c>.</summary>
internal sealed record ToolApprovalPayload
{
    public string? RunId { get; init; }

    public string? ToolCallId { get; init; }

    public bool? Approved { get; init; }

    public string? Reason { get; init; }

    public JsonElement? Arguments { get; init; }
}

/// <summary>The payload of <c>tool_result</c>.</summary>
internal sealed record ToolResultPayload
{
    public string? RunId { get; init; }

    public string? ToolCallId { get; init; }

    /// <summary>The text that the model reads.</summary>
    public string? Result { get; init; }

    /// <summary>The call failed, and the result says how. Default false.</summary>
    public bool? IsError { get; init; }
}
