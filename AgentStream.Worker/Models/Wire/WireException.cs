using AgentStream.Worker.Tools.Output;

namespace AgentStream.Worker.Models.Wire;

/// <summary>A reply that can't be read to its end. It passes through the SDK as the failure of reading that it is.</summary>
internal sealed class WireException(WireProblem kind, string message, Exception? innerException = null) : IOException(message, innerException)
{
    // Long enough for any sentence; a page of HTML would drown the log.
    private const int MaxQuote = 1_000;

    public WireProblem Kind { get; } = kind;

    /// <summary>For the log, which is where people are sent for the reason.</summary>
    public override string Message => ServerError is null ? base.Message : $"{base.Message} It said: {CutText.Of(ServerError.Text, MaxQuote)}";

    /// <summary>What the server said, if it said anything.</summary>
    public ServerError? ServerError { get; init; }

    /// <summary>How long it asked to be left alone.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
