namespace AgentStream.Worker.Models.Scripted;

/// <summary>The replies to one message.</summary>
internal sealed record Script
{
    /// <summary>A part of the message, in any case; null: every message.</summary>
    public string? When { get; init; }

    /// <summary>The first reply, the reply after its tools' results, and so on: each a list of actions.</summary>
    public required IReadOnlyList<IReadOnlyList<ScriptAction>> Replies { get; init; }
}
