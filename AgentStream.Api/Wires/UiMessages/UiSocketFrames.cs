using System.Text.Json.Serialization;

namespace AgentStream.Api.Wires.UiMessages;

/// <summary>A frame of <c>WebSocketChatTransport</c>.</summary>
internal sealed record UiSocketRequest
{
    /// <summary><c>send</c>, <c>resume</c> or <c>abort</c>.</summary>
    public string? Type { get; init; }

    public string? RequestId { get; init; }

    /// <summary>The chat.</summary>
    public string? Id { get; init; }

    public string? Trigger { get; init; }

    public IReadOnlyList<UiMessage>? Messages { get; init; }

    /// <summary>What else the transport was told to send: fields of ours.</summary>
    public UiMessageInput? Body { get; init; }

    /// <summary>The same as a body of <c>DefaultChatTransport</c>.</summary>
    [JsonIgnore]
    public UiMessageInput Input => (Body ?? new UiMessageInput()) with { Id = Id, Messages = Messages, Trigger = Trigger };
}

/// <summary>A frame of the server that is no chunk: <c>start</c>, <c>end</c>, <c>error</c> or <c>no-active</c>.</summary>
internal sealed record UiSocketAnswer(string Type, string RequestId)
{
    public string? ErrorText { get; init; }
}
