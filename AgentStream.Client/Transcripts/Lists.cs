using System.Text.Json.Serialization;
using AgentStream.Client.Wire;

namespace AgentStream.Client;

/// <summary>A session in a list.</summary>
public sealed record SessionSummary
{
    /// <summary>The session.</summary>
    public required string SessionId { get; init; }

    /// <summary>Whose it is.</summary>
    public string Owner { get; init; } = "";

    /// <summary>Given by a person, or the beginning of the first message.</summary>
    public string Title { get; init; } = "";

    /// <summary>The time of its first message.</summary>
    [JsonConverter(typeof(UnixSecondsConverter))]
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>The time of its last change.</summary>
    [JsonConverter(typeof(UnixSecondsConverter))]
    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>The last offset of its log.</summary>
    public long LastSeq { get; init; }

    /// <summary>The number of its messages.</summary>
    public int Messages { get; init; }

    /// <summary>What goes on in it.</summary>
    public SessionState State { get; init; }
}

/// <summary>An agent that can be asked.</summary>
public sealed record AgentDescription
{
    /// <summary>Its name: what <see cref="AskOptions.Agent"/> takes.</summary>
    public required string Name { get; init; }

    /// <summary>What it is for.</summary>
    public string Description { get; init; } = "";

    /// <summary>The model that it asks.</summary>
    public string Model { get; init; } = "";

    /// <summary>Models that <see cref="AskOptions.Model"/> may name, those that people are offered.</summary>
    public IReadOnlyList<string> Models { get; init; } = [];

    /// <summary>The tools that it may call.</summary>
    public IReadOnlyList<ToolDescription> Tools { get; init; } = [];
}

/// <summary>A tool of an agent.</summary>
public sealed record ToolDescription
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>What it does.</summary>
    public string Description { get; init; } = "";

    /// <summary>Calling it again does no harm.</summary>
    public bool Idempotent { get; init; }

    /// <summary>A person is asked before each call.</summary>
    public bool Approval { get; init; }
}

/// <summary>What became of a cancel.</summary>
public enum CancelOutcome
{
    /// <summary>The run was not under way, and is over.</summary>
    Cancelled,

    /// <summary>The run is under way, and will end as cancelled.</summary>
    Requested,
}
