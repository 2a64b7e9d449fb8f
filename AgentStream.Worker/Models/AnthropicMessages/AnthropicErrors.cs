using System.Text.Json;
using System.Text.Json.Nodes;
using AgentStream.Worker.Models.Wire;
using Anthropic.Exceptions;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Models.AnthropicMessages;

/// <summary>Explains what Anthropic's SDK and the network throw. Refused requests come from <see cref="RefusalHandler"/>, which has seen the headers.</summary>
internal sealed class AnthropicErrors(ProviderHints hints)
{
    private readonly ProviderErrors _errors = new(hints);

    /// <summary>Never throws, and never quotes the exception.</summary>
    public ModelException Explain(Exception exception, string modelId, ChatOptions? options) =>
        ProviderErrors.Chain(exception).OfType<AnthropicSseException>().FirstOrDefault() is { } failed
            ? _errors.Refused(InStream(failed.Message), modelId, options, exception)
            : _errors.OfTransport(exception, modelId, options) ?? ProviderErrors.NotUnderstood(modelId, exception);

    // SSE error returned from server: '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}'
    private static ServerError InStream(string message)
    {
        var start = message.IndexOf('{', StringComparison.Ordinal);
        var end = message.LastIndexOf('}');
        if (start >= 0 && end > start)
        {
            try
            {
                return ServerError.In(JsonNode.Parse(message[start..(end + 1)])) ?? ServerError.Read(500, message);
            }
            catch (JsonException)
            {
                // Then its words have to do.
            }
        }

        return ServerError.Read(500, message);
    }
}
