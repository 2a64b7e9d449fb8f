using System.ClientModel;
using AgentStream.Worker.Models.OpenAICompatible;
using AgentStream.Worker.Models.Wire;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Models.Brought;

/// <summary>
/// Explains what the client of a program throws: what the network and the OpenAI SDK say is known, the rest is for the log.
/// </summary>
internal sealed class BroughtErrors(string name, Uri? address, TimeProvider time)
{
    private readonly OpenAIErrors _known = new(
        new ProviderHints(
            address ?? new Uri("http://localhost"), "the key that the program gives it", "the model that the program names",
            "the address that the program gives it")
        {
            Host = address is null ? name : ProviderHints.HostOf(address),
        },
        time);

    /// <summary>Never throws, and never quotes the exception.</summary>
    public ModelException Explain(Exception exception, string modelId, ChatOptions? options)
        => ProviderErrors.Chain(exception).Any(IsKnown)
            ? _known.Explain(exception, modelId, options)
            : new ModelException(
                ModelErrorCode.Error, $"The model '{modelId}' could not be asked. The worker's log says why.", exception);

    private static bool IsKnown(Exception exception) => exception is ModelException or WireException or ClientResultException
        or HttpRequestException or IOException or TimeoutException or OperationCanceledException;
}
