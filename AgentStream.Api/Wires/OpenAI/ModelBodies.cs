using AgentStream.Messaging.Agents;

namespace AgentStream.Api.Wires.OpenAI;

/// <summary>The agents, as models.</summary>
internal sealed record ModelListBody
{
    public string Object { get; } = "list";

    public required IReadOnlyList<ModelBody> Data { get; init; }
}

/// <summary>An agent, as a model.</summary>
internal sealed record ModelBody
{
    public required string Id { get; init; }

    public string Object { get; } = "model";

    /// <summary>Agents have no such time, and clients expect one.</summary>
    public long Created { get; }

    public string OwnedBy { get; } = "agentstream";

    /// <summary>Its purpose. No field of OpenAI's own.</summary>
    public required string Description { get; init; }

    public static ModelBody Of(AgentDescription agent) => new() { Id = agent.Name, Description = agent.Description };
}
