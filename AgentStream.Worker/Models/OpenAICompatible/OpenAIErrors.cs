using System.ClientModel;
using AgentStream.Worker.Models.Wire;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Models.OpenAICompatible;

/// <summary>Explains what the OpenAI SDK, the network and compatible servers throw or answer.</summary>
internal sealed class OpenAIErrors(ProviderHints hints, TimeProvider time)
{
    private readonly ProviderErrors _errors = new(hints);

    /// <summary>Never throws, and never quotes the exception.</summary>
    public ModelException Explain(Exception exception, string modelId, ChatOptions? options)
    {
        var cause = ProviderErrors.Chain(exception)
            .FirstOrDefault(one => one is ModelException or WireException or ClientResultException { Status: > 0 });
        return cause is ClientResultException refusal
            ? _errors.Refused(
                ServerError.Read(refusal.Status, BodyOf(refusal)) with { RetryAfter = WaitOf(refusal) }, modelId, options, exception)
            : _errors.OfTransport(exception, modelId, options) ?? ProviderErrors.NotUnderstood(modelId, exception);
    }

    private static string BodyOf(ClientResultException refusal)
    {
        try
        {
            return refusal.GetRawResponse()?.Content?.ToString() ?? "";
        }
        catch (InvalidOperationException)
        {
            // The SDK did not buffer it: the status has to do.
            return "";
        }
    }

    private TimeSpan? WaitOf(ClientResultException refusal) =>
        RetryAfter.Read(HeaderOf(refusal, RetryAfter.Header), HeaderOf(refusal, RetryAfter.MillisecondsHeader), time.GetUtcNow());

    private static string? HeaderOf(ClientResultException refusal, string name) =>
        refusal.GetRawResponse()?.Headers.TryGetValue(name, out var value) == true ? value : null;
}
