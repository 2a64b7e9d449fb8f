using System.Text.Json;
using System.Text.Json.Serialization;

namespace AgentStream.Api.Wires.A2A;

/// <summary>What an agent can do, and where.</summary>
internal sealed record A2ACard(string Name, string Description, string Version, IReadOnlyList<A2AInterface> SupportedInterfaces)
{
    public A2ACapabilities Capabilities { get; } = new();

    public IReadOnlyList<string> DefaultInputModes { get; } = ["text/plain"];

    public IReadOnlyList<string> DefaultOutputModes { get; } = ["text/plain"];

    public required IReadOnlyList<A2ASkill> Skills { get; init; }

    public IReadOnlyDictionary<string, A2ASecurityScheme>? SecuritySchemes { get; init; }

    public IReadOnlyList<A2ASecurityRequirement>? SecurityRequirements { get; init; }
}

/// <summary>An address, and what is spoken there.</summary>
internal sealed record A2AInterface(string Url)
{
    public string ProtocolBinding { get; } = "JSONRPC";

    public string ProtocolVersion { get; } = A2AWire.Version;
}

/// <summary>Which of the parts of A2A that may be missing are there.</summary>
internal sealed record A2ACapabilities
{
    public bool Streaming { get; } = true;

    public bool PushNotifications { get; }

    public bool ExtendedAgentCard { get; }
}

/// <summary>Something that an agent can do.</summary>
internal sealed record A2ASkill(string Id, string Name, string Description, IReadOnlyList<string> Tags);

/// <summary>How callers say who they are.</summary>
internal sealed record A2ASecurityScheme(A2AHttpScheme HttpAuthSecurityScheme);

/// <summary>A scheme of the header <c>Authorization</c>.</summary>
internal sealed record A2AHttpScheme(string Scheme);

/// <summary>Which schemes have to be used together.</summary>
internal sealed record A2ASecurityRequirement(IReadOnlyDictionary<string, A2AScopes> Schemes);

/// <summary>Scopes of a scheme.</summary>
internal sealed record A2AScopes(IReadOnlyList<string> List);

/// <summary>What a request for an answer, or each event of a stream, comes to: one of these.</summary>
internal sealed record A2AUpdate
{
    public A2ATask? Task { get; init; }

    public A2AStatusUpdate? StatusUpdate { get; init; }

    public A2AArtifactUpdate? ArtifactUpdate { get; init; }
}

/// <summary>A run.</summary>
internal sealed record A2ATask(string Id, string ContextId, A2AStatus Status)
{
    public IReadOnlyList<A2AArtifact>? Artifacts { get; init; }

    public IReadOnlyList<A2AMessage>? History { get; init; }

    public A2AMetadata? Metadata { get; init; }
}

/// <summary>How a task stands, and what its agent says to that.</summary>
internal sealed record A2AStatus(string State)
{
    public A2AMessage? Message { get; init; }

    public string? Timestamp { get; init; }
}

/// <summary>A task stands otherwise than before, or its agent says something.</summary>
internal sealed record A2AStatusUpdate(string TaskId, string ContextId, A2AStatus Status)
{
    public A2AMetadata? Metadata { get; init; }
}

/// <summary>What has come of a task.</summary>
internal sealed record A2AArtifact(string ArtifactId, string Name, IReadOnlyList<A2APart> Parts);

/// <summary>More of an artifact, or another one in its place.</summary>
internal sealed record A2AArtifactUpdate(string TaskId, string ContextId, A2AArtifact Artifact)
{
    public bool Append { get; init; }

    public bool LastChunk { get; init; }
}

/// <summary>Something that was said.</summary>
internal sealed record A2AMessage(string MessageId, string Role, IReadOnlyList<A2APart> Parts)
{
    public string? ContextId { get; init; }

    public string? TaskId { get; init; }

    public A2AMetadata? Metadata { get; init; }
}

/// <summary>A text, or data.</summary>
internal sealed record A2APart
{
    public string? Text { get; init; }

    public JsonElement? Data { get; init; }
}

/// <summary>What the protocol has no words for.</summary>
internal sealed record A2AMetadata
{
    /// <summary><c>thought</c>, <c>tool_use</c> or <c>tool_result</c>.</summary>
    public string? Type { get; init; }

    /// <summary>The agent within another's call that says it.</summary>
    public string? Agent { get; init; }

    public string? ErrorCode { get; init; }

    public A2AUsage? Usage { get; init; }
}

/// <summary>Tokens of a run.</summary>
internal sealed record A2AUsage
{
    public string? Model { get; init; }

    public long InputTokens { get; init; }

    public long OutputTokens { get; init; }

    public long TotalTokens { get; init; }

    public long? ReasoningTokens { get; init; }

    public long? CachedInputTokens { get; init; }
}

/// <summary>A tool call, its result, or its question, as data.</summary>
internal sealed record A2ACall(string ToolCallId)
{
    public string? ToolName { get; init; }

    public JsonElement? Arguments { get; init; }

    public string? Content { get; init; }

    public bool? IsError { get; init; }

    public string? ExpiresAt { get; init; }
}

/// <summary>The reason of an error, for programs.</summary>
internal sealed record A2AErrorInfo(string Reason)
{
    [JsonPropertyName("@type")]
    public string Type { get; } = "type.googleapis.com/google.rpc.ErrorInfo";

    public string Domain { get; init; } = "a2a-protocol.org";
}
