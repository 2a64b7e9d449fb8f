namespace AgentStream.Worker.Running.Calls;

/// <summary>The outcome of a tool call.</summary>
/// <param name="Content">What the model reads.</param>
/// <param name="Duration">How long the tool took; zero if it never ran.</param>
internal sealed record ToolOutcome(string Content, TimeSpan Duration = default)
{
    /// <summary>The text that people see, where it differs: a tool may report its progress to them alone.</summary>
    public string? Shown { get; init; }

    public bool IsError { get; init; }

    /// <summary>It may or may not have happened.</summary>
    public bool InDoubt { get; init; }
}
