namespace AgentStream.Worker.Models.Wire;

/// <summary>A reply that can't be read to its end. It passes through the SDK as the failure of reading that it is.</summary>
internal sealed class WireException(WireProblem kind, string message, Exception? innerException = null) : IOException(message, innerException)
{
    public WireProblem Kind { get; } = kind;

    /// <summary>What the server said, if it said anything.</summary>
    public ServerError? ServerError { get; init; }

    /// <summary>How long it asked to be left alone.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
