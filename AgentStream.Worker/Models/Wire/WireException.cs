using AgentStream.Worker.Tools.Output;

namespace AgentStream.Worker.Models.Wire;

/// <summary>A reply that can't be read to its end. It passes through the SDK as the failure of reading that it is.</summary>
internal sealed class WireException(WireProblem kind, string message, Exception? innerException = null)
    : IOException(message, innerException)
{
    private const int MaxQuote = 500;

    public WireProblem Kind { get; } = kind;

    /// <summary>For the log, which is where people are sent for the reason.</summary>
    public override string Message => ServerError is { Sentence: { Length: > 0 } sentence }
        ? $"{base.Message} It said: {CutText.Of(sentence, MaxQuote)}"
        : base.Message;

    /// <summary>The server's own words, if there were any.</summary>
    public ServerError? ServerError { get; init; }
}
