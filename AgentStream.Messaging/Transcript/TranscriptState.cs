namespace AgentStream.Messaging.Transcript;

/// <summary>All that a <see cref="TranscriptFold"/> knows, as it is kept when the entries that it came from are dropped.</summary>
internal sealed record TranscriptState
{
    public string? Title { get; init; }

    /// <summary>Oldest first.</summary>
    public required IReadOnlyList<TranscriptMessage> Messages { get; init; }

    public required IReadOnlyList<RunId> QueuedRuns { get; init; }

    public ActiveRun? ActiveRun { get; init; }
}
