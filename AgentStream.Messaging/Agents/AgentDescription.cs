namespace AgentStream.Messaging.Agents;

/// <summary>An agent as people choose it: what <c>GET /api/agents</c> tells.</summary>
internal sealed record AgentDescription
{
    /// <summary>The name, as a message gives it in <c>agent_name</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Its purpose, in a sentence.</summary>
    public required string Description { get; init; }

    /// <summary>The model that it uses where a message names none.</summary>
    public required string Model { get; init; }

    /// <summary>
    /// Models that a message may name for it, those that people are offered; others may be named too.
    /// Absent: it answers by itself, and takes none.
    /// </summary>
    public IReadOnlyList<string>? Models { get; init; }

    /// <summary>The tools that it may call.</summary>
    public required IReadOnlyList<ToolDescription> Tools { get; init; }

    /// <summary>Tools that it names and can't call now, with the reason; absent: none.</summary>
    public IReadOnlyList<MissingToolDescription>? MissingTools { get; init; }
}

/// <summary>A tool that an agent names and can't call now.</summary>
internal sealed record MissingToolDescription
{
    /// <summary>Its name, or a pattern where its server can't be asked for names.</summary>
    public required string Name { get; init; }

    /// <summary>Why, in a sentence.</summary>
    public required string Reason { get; init; }
}

/// <summary>A tool of an agent.</summary>
internal sealed record ToolDescription
{
    public required string Name { get; init; }

    public required string Description { get; init; }

    /// <summary>Calling it twice does no more than calling it once.</summary>
    public required bool Idempotent { get; init; }

    /// <summary>It waits for a person before it runs.</summary>
    public required bool Approval { get; init; }
}
