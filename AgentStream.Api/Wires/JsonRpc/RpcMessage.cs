using System.Text.Json;
using System.Text.Json.Serialization;

namespace AgentStream.Api.Wires.JsonRpc;

/// <summary>A message of JSON-RPC 2.0 as it came: a request, a notification (without an id), or the answer to a request of ours.</summary>
internal sealed record RpcMessage
{
    [JsonPropertyName("jsonrpc")]
    public string? Version { get; init; }

    /// <summary>A string or a number; handed back as it came.</summary>
    public JsonElement? Id { get; init; }

    public string? Method { get; init; }

    public JsonElement? Params { get; init; }

    public JsonElement? Result { get; init; }

    public JsonElement? Error { get; init; }

    /// <summary>Whether it is a message at all.</summary>
    [JsonIgnore]
    public bool IsValid
        => Version == "2.0"
            && Id?.ValueKind is null or JsonValueKind.String or JsonValueKind.Number
            && (Method is not null ? Params?.ValueKind is null or JsonValueKind.Object or JsonValueKind.Array : Id is not null);

    /// <summary>A member of its parameters; <c>null</c>: it is not there.</summary>
    public JsonElement? this[string name] => Params.Member(name);
}

/// <summary>The answer to a request.</summary>
internal sealed record RpcAnswer
{
    [JsonPropertyName("jsonrpc")]
    public string Version { get; } = "2.0";

    /// <summary>The id of the request; <c>null</c>: it could not be read.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public JsonElement? Id { get; init; }

    public JsonElement? Result { get; init; }

    public RpcError? Error { get; init; }
}

/// <summary>A notification of ours, or a request where it has an id.</summary>
internal sealed record RpcCall(string Method)
{
    [JsonPropertyName("jsonrpc")]
    public string Version { get; } = "2.0";

    public string? Id { get; init; }

    public required JsonElement Params { get; init; }
}

/// <summary>Why a request has no result.</summary>
/// <param name="Code">One of JSON-RPC's codes, or of its protocol's.</param>
/// <param name="Message">A sentence for people.</param>
internal sealed record RpcError(int Code, string Message)
{
    public const int ParseError = -32700;
    public const int InvalidRequest = -32600;
    public const int MethodNotFound = -32601;
    public const int InvalidParams = -32602;
    public const int InternalError = -32603;

    public JsonElement? Data { get; init; }
}
