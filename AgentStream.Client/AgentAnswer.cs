namespace AgentStream.Client;

/// <summary>A run that is over.</summary>
public sealed record AgentAnswer
{
    /// <summary>The run.</summary>
    public required string RunId { get; init; }

    /// <summary>How it ended: look here first.</summary>
    public required RunStatus Status { get; init; }

    /// <summary>The answer; <c>null</c>: there is none.</summary>
    public string? Text { get; init; }

    /// <summary>The finished steps, in order, those that were taken back gone.</summary>
    public IReadOnlyList<ReasoningStep> Steps { get; init; } = [];

    /// <summary>A sentence for people, where it failed.</summary>
    public string? Error { get; init; }

    /// <summary>The code of the error, for programs.</summary>
    public string? ErrorCode { get; init; }

    /// <summary>The tokens of the run.</summary>
    public TokenUsage? Usage { get; init; }
}
