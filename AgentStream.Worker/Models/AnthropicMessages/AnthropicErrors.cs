using AgentStream.Worker.Models.Wire;
using AgentStream.Worker.Models.Wire.Replies;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Models.AnthropicMessages;

/// <summary>
/// Explains what the network and our own readers throw: refused requests come from <see cref="RefusalHandler"/>,
/// errors in mid-stream from <see cref="ReplyEvents"/>.
/// </summary>
internal sealed class AnthropicErrors(ProviderHints hints)
{
    private readonly ProviderErrors _errors = new(hints);

    /// <summary>Never throws, and never quotes the exception.</summary>
    public ModelException Explain(Exception exception, string modelId, ChatOptions? options) =>
        _errors.OfTransport(exception, modelId, options) ?? ProviderErrors.NotUnderstood(modelId, exception);
}
