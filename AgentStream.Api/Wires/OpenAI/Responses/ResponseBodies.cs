using AgentStream.Messaging.Protocol;

namespace AgentStream.Api.Wires.OpenAI.Responses;

/// <summary>A response: what a run has come to.</summary>
internal sealed record ResponseBody
{
    public required string Id { get; init; }

    public string Object { get; } = "response";

    /// <summary>When its message was taken, in Unix seconds.</summary>
    public required long CreatedAt { get; init; }

    public long? CompletedAt { get; init; }

    /// <summary>One of <see cref="ResponseStatus"/>.</summary>
    public required string Status { get; init; }

    public ResponseError? Error { get; init; }

    public IncompleteDetails? IncompleteDetails { get; init; }

    /// <summary>The agent.</summary>
    public required string Model { get; init; }

    /// <summary>What the agent said, without what was taken back.</summary>
    public required IReadOnlyList<ResponseItem> Output { get; init; }

    public ResponseUsage? Usage { get; init; }

    // What clients expect to be there, with what holds for every agent.
    public bool ParallelToolCalls { get; } = true;

    public string ToolChoice { get; } = "auto";

    public IReadOnlyList<string> Tools { get; } = [];

    public IReadOnlyDictionary<string, string> Metadata { get; } = new Dictionary<string, string>();
}

/// <summary>The states of a response.</summary>
internal static class ResponseStatus
{
    public const string Queued = "queued";
    public const string InProgress = "in_progress";
    public const string Completed = "completed";
    public const string Incomplete = "incomplete";
    public const string Failed = "failed";
    public const string Cancelled = "cancelled";
}

/// <summary>Why there is no answer.</summary>
internal sealed record ResponseError
{
    /// <summary>One of the error codes of runs (docs/protocol.md).</summary>
    public required string Code { get; init; }

    public required string Message { get; init; }
}

/// <summary>Why a response is not whole.</summary>
internal sealed record IncompleteDetails
{
    public required string Reason { get; init; }
}

/// <summary>A message of the agent, a thought, or a call that the caller is to execute.</summary>
internal sealed record ResponseItem
{
    public required string Id { get; init; }

    public required string Type { get; init; }

    public string? Role { get; init; }

    public string? Status { get; init; }

    public IReadOnlyList<ResponsePart>? Content { get; init; }

    public IReadOnlyList<ResponsePart>? Summary { get; init; }

    public string? CallId { get; init; }

    public string? Name { get; init; }

    /// <summary>JSON text.</summary>
    public string? Arguments { get; init; }
}

/// <summary>The text of an item.</summary>
internal sealed record ResponsePart
{
    public required string Type { get; init; }

    public required string Text { get; init; }

    public IReadOnlyList<string>? Annotations { get; init; }
}

/// <summary>An event of a response's stream: every one of them, with the fields that it has.</summary>
internal sealed record ResponseEvent
{
    public required string Type { get; init; }

    /// <summary>
    /// Its place among all events of the response, the same in each replay. Only an error that ends a connection has none.
    /// </summary>
    public int? SequenceNumber { get; init; }

    public ResponseBody? Response { get; init; }

    public string? ItemId { get; init; }

    public int? OutputIndex { get; init; }

    public int? ContentIndex { get; init; }

    public int? SummaryIndex { get; init; }

    public ResponseItem? Item { get; init; }

    public ResponsePart? Part { get; init; }

    public string? Delta { get; init; }

    public string? Text { get; init; }

    public string? Name { get; init; }

    public string? Arguments { get; init; }

    public string? Code { get; init; }

    public string? Message { get; init; }
}

/// <summary>Tokens of a run.</summary>
internal sealed record ResponseUsage
{
    public required long InputTokens { get; init; }

    public required InputTokensDetails InputTokensDetails { get; init; }

    public required long OutputTokens { get; init; }

    public required OutputTokensDetails OutputTokensDetails { get; init; }

    public required long TotalTokens { get; init; }

    public static ResponseUsage? Of(TokenUsage? usage) => usage is null ? null : new()
    {
        InputTokens = usage.InputTokens,
        InputTokensDetails = new InputTokensDetails { CachedTokens = usage.CachedTokens ?? 0 },
        OutputTokens = usage.OutputTokens,
        OutputTokensDetails = new OutputTokensDetails { ReasoningTokens = usage.ReasoningTokens ?? 0 },
        TotalTokens = usage.TotalTokens,
    };
}

internal sealed record InputTokensDetails
{
    public required long CachedTokens { get; init; }
}

internal sealed record OutputTokensDetails
{
    public required long ReasoningTokens { get; init; }
}
