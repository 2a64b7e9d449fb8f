using System.Text.Json;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Api.Wires.AgUi;

/// <summary>The body of a run, <c>RunAgentInput</c> of AG-UI, as far as it is read here.</summary>
internal sealed record AgUiInput
{
    public string? ThreadId { get; init; }

    public string? RunId { get; init; }

    /// <summary>The client's whole conversation, oldest first; handed back as it came.</summary>
    public IReadOnlyList<JsonElement>? Messages { get; init; }

    public IReadOnlyList<AgUiContext>? Context { get; init; }

    /// <summary>Tools that the client executes.</summary>
    public IReadOnlyList<ClientTool>? Tools { get; init; }

    /// <summary>Answers to interrupts.</summary>
    public IReadOnlyList<AgUiResume>? Resume { get; init; }
}

/// <summary>Something that the agent is told beside the message.</summary>
internal sealed record AgUiContext
{
    public string? Description { get; init; }

    public JsonElement? Value { get; init; }
}

/// <summary>The answer to an interrupt.</summary>
internal sealed record AgUiResume
{
    public string? InterruptId { get; init; }

    /// <summary><c>resolved</c> or <c>cancelled</c>.</summary>
    public string? Status { get; init; }

    /// <summary><c>{"approved": true, "editedArgs"?: {…}, "reason"?: "…"}</c></summary>
    public JsonElement? Payload { get; init; }
}
