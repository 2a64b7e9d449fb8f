using System.Text.Json;

namespace AgentStream.Api.Wires.OpenAI.Responses;

/// <summary>The body of <c>POST /v1/responses</c>: what is read of it. All else is ignored.</summary>
internal sealed record ResponseRequest
{
    /// <summary>The agent.</summary>
    public string? Model { get; init; }

    /// <summary>A text, or items.</summary>
    public JsonElement? Input { get; init; }

    public string? Instructions { get; init; }

    public bool? Stream { get; init; }

    public bool? Background { get; init; }

    public bool? Store { get; init; }

    public string? PreviousResponseId { get; init; }

    /// <summary>A session: its id, or an object with it.</summary>
    public JsonElement? Conversation { get; init; }

    public int? MaxOutputTokens { get; init; }

    public double? Temperature { get; init; }

    public JsonElement? Tools { get; init; }

    public JsonElement? ToolChoice { get; init; }

    public JsonElement? Text { get; init; }

    public JsonElement? Prompt { get; init; }
}
