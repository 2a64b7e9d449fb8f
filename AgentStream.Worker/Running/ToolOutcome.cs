namespace AgentStream.Worker.Running;

/// <summary>How a tool call ended.</summary>
/// <param name="Content">What the model reads.</param>
/// <param name="Duration">How long the tool took; zero if it never ran.</param>
internal sealed record ToolOutcome(string Content, TimeSpan Duration = default)
{
    public bool IsError { get; init; }

    /// <summary>It may or may not have happened.</summary>
    public bool InDoubt { get; init; }
}
