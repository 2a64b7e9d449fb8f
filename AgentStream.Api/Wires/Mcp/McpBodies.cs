using System.Text.Json;
using System.Text.Json.Serialization;

namespace AgentStream.Api.Wires.Mcp;

/// <summary>What all results have in revisions that know no sessions.</summary>
internal abstract record McpResult
{
    /// <summary><c>complete</c>, <c>input_required</c> or <c>task</c>.</summary>
    public string? ResultType { get; set; }

    [JsonPropertyName("_meta")]
    public McpMeta? Meta { get; set; }
}

/// <summary>Who answers.</summary>
internal sealed record McpMeta
{
    [JsonPropertyName("io.modelcontextprotocol/serverInfo")]
    public McpImplementation? ServerInfo { get; init; }
}

/// <summary>A program that speaks MCP.</summary>
internal sealed record McpImplementation(string Name, string Version);

/// <summary>Something that is there, and has nothing in it.</summary>
internal sealed record McpNothing : McpResult;

/// <summary>What is offered here: tools, and tasks where the revision has them.</summary>
internal sealed record McpCapabilities
{
    public McpNothing Tools { get; } = new();

    public IReadOnlyDictionary<string, McpNothing>? Extensions { get; init; }
}

/// <summary>The answer to <c>initialize</c>.</summary>
internal sealed record McpInitialized(string ProtocolVersion, McpImplementation ServerInfo, string Instructions) : McpResult
{
    public McpCapabilities Capabilities { get; } = new();
}

/// <summary>The answer to <c>server/discover</c>.</summary>
internal sealed record McpDiscovered(IReadOnlyList<string> SupportedVersions, McpCapabilities Capabilities, string Instructions) : McpResult
{
    public long TtlMs { get; init; }

    public string CacheScope { get; } = "private";
}

/// <summary>The answer to <c>tools/list</c>.</summary>
internal sealed record McpTools(IReadOnlyList<McpTool> Tools) : McpResult
{
    public long? TtlMs { get; init; }

    public string? CacheScope { get; init; }
}

/// <summary>An agent as a tool.</summary>
internal sealed record McpTool(string Name, string Description)
{
    public JsonElement InputSchema { get; } = McpSchemas.Input;

    public JsonElement OutputSchema { get; } = McpSchemas.Output;
}

/// <summary>What came of a call.</summary>
internal sealed record McpToolResult : McpResult
{
    public required IReadOnlyList<McpText> Content { get; init; }

    public McpOutcome? StructuredContent { get; init; }

    public bool? IsError { get; init; }

    /// <summary>A call that failed.</summary>
    /// <param name="sentence">The reason, for the model that called.</param>
    public static McpToolResult Failed(string sentence) => new() { Content = [new McpText(sentence)], IsError = true };
}

/// <summary>A part of a result.</summary>
internal sealed record McpText(string Text)
{
    public string Type { get; } = "text";
}

/// <summary>What came of a call, in fields.</summary>
internal sealed record McpOutcome
{
    public string? Answer { get; init; }

    [JsonPropertyName("session_id")]
    public required string SessionId { get; init; }

    [JsonPropertyName("run_id")]
    public required string RunId { get; init; }
}

/// <summary>The answer to a call that asks its caller's person, in revisions that know no sessions.</summary>
internal sealed record McpInputRequired(IReadOnlyDictionary<string, McpInputRequest> InputRequests, string RequestState) : McpResult;

/// <summary>A question inside a result.</summary>
internal sealed record McpInputRequest(string Method, McpElicit Params);

/// <summary>A question with a form.</summary>
internal sealed record McpElicit(string Message)
{
    public JsonElement RequestedSchema { get; } = McpSchemas.Approval;
}

/// <summary>A call that outlives its request.</summary>
internal sealed record McpTask(string TaskId, string Status, string CreatedAt, string LastUpdatedAt, long PollIntervalMs) : McpResult
{
    public string? StatusMessage { get; init; }

    public McpToolResult? Result { get; init; }

    public IReadOnlyDictionary<string, McpInputRequest>? InputRequests { get; init; }
}

/// <summary>How far a call is.</summary>
internal sealed record McpProgress(JsonElement ProgressToken, long Progress)
{
    public string? Message { get; init; }
}

/// <summary>Which revisions there are, told to a client that wants another one.</summary>
internal sealed record McpUnsupported(IReadOnlyList<string> Supported, string Requested);

/// <summary>The code that says why, in our words.</summary>
internal sealed record McpErrorCode(string Code);
