using System.ClientModel;
using AgentStream.Worker.Models.OpenAICompatible.Wire;

namespace AgentStream.Worker.Models.OpenAICompatible;

/// <summary>Explains what the OpenAI SDK, the network and compatible servers throw or answer.</summary>
internal sealed class OpenAIErrors(Uri address, TimeProvider time)
{
    /// <summary>Never throws, and never quotes the exception.</summary>
    public ModelException Explain(Exception exception, string modelId)
    {
        var cause = Chain(exception).FirstOrDefault(one => one is ModelException or WireException or ClientResultException { Status: > 0 }) ?? exception;
        return cause switch
        {
            ModelException known => known,
            WireException { ServerError: { } error } => Refused(error, modelId, null, exception),
            WireException { Kind: WireProblem.NotTheApi } => new ModelException(
                ModelErrorCode.NotFound, $"{Host} answered, but not as a model does. Check OPENAI_API_BASE: it usually ends with /v1.", exception),
            WireException => BrokenOff(modelId, exception),
            ClientResultException { Status: > 0 } refusal => Refused(ServerError.Read(refusal.Status, BodyOf(refusal)), modelId, RetryAfter(refusal), exception),
            _ when Chain(exception).OfType<HttpRequestException>().Any(NeverConnected) => new ModelException(
                ModelErrorCode.Unavailable, $"The model's server at {Host} can't be reached. Check that it runs and that OPENAI_API_BASE is right.", exception)
            { IsTransient = true },
            _ when Chain(exception).Any(one => one is IOException or HttpRequestException or OperationCanceledException or TimeoutException) => BrokenOff(modelId, exception),
            // The SDK could not make sense of what came: that too is worth another attempt.
            _ => new ModelException(
                ModelErrorCode.Error, $"The reply of the model '{modelId}' could not be understood. The reason is in the worker's log.", exception)
            { IsTransient = true, MayAnswerWhole = true },
        };
    }

    private static bool NeverConnected(HttpRequestException exception) => exception.HttpRequestError
        is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError;

    private string Host => address.IsDefaultPort ? address.Host : $"{address.Host}:{address.Port}";

    private static ModelException BrokenOff(string modelId, Exception exception) => new(
        ModelErrorCode.Unavailable, $"The reply of the model '{modelId}' broke off. Try again.", exception)
    { IsTransient = true, MayAnswerWhole = true };

    private ModelException Refused(ServerError error, string modelId, TimeSpan? retryAfter, Exception exception)
    {
        if (error.IsContextOverflow)
        {
            return new ModelException(
                ModelErrorCode.ContextOverflow, $"This conversation is longer than the model '{modelId}' can read. Start a new one, or use a model with a larger context.", exception);
        }

        if (error.IsContentFilter)
        {
            return new ModelException(ModelErrorCode.ContentFilter, "The model provider's content filter refused this conversation. Put the question in other words.", exception);
        }

        if (error.RefusesStreaming)
        {
            return new ModelException(ModelErrorCode.Error, $"The model '{modelId}' does not stream its replies.", exception) { RefusesStreaming = true, MayAnswerWhole = true };
        }

        return error.Status switch
        {
            401 or 403 => new ModelException(
                ModelErrorCode.Auth, $"{Host} refused the key for the model '{modelId}'. Check OPENAI_API_KEY, and that it may use this model.", exception),
            429 when error.IsQuota => new ModelException(
                ModelErrorCode.RateLimited, $"The quota at {Host} is used up. Check its plan and billing, or use another model.", exception),
            429 => new ModelException(
                ModelErrorCode.RateLimited, $"{Host} gets too many requests for the model '{modelId}'. Try again in a while.", exception)
            { IsTransient = true, RetryAfter = retryAfter },
            404 => NotFound(modelId, exception),
            _ when error.IsUnknownModel => NotFound(modelId, exception),
            408 or 425 or >= 500 => new ModelException(
                ModelErrorCode.Unavailable, $"{Host} can't answer for the model '{modelId}' at the moment. Try again in a while.", exception)
            { IsTransient = true, RetryAfter = retryAfter, MayAnswerWhole = true },
            _ => new ModelException(
                ModelErrorCode.Error, $"{Host} refused the request to the model '{modelId}'. The reason is in the worker's log.", exception),
        };
    }

    private ModelException NotFound(string modelId, Exception exception) => new(
        ModelErrorCode.NotFound, $"There is no model '{modelId}' at {Host}. Check MODEL_NAME and OPENAI_API_BASE (which usually ends with /v1).", exception);

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

    // "Retry-After: 3" or "Retry-After: Sat, 21 Nov 2026 12:00:00 GMT"
    private TimeSpan? RetryAfter(ClientResultException refusal)
    {
        if (refusal.GetRawResponse()?.Headers.TryGetValue("Retry-After", out var value) != true || value is null)
        {
            return null;
        }

        if (!System.Net.Http.Headers.RetryConditionHeaderValue.TryParse(value, out var header))
        {
            return null;
        }

        var wait = header.Delta ?? header.Date - time.GetUtcNow();
        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }

    private static IEnumerable<Exception> Chain(Exception exception)
    {
        for (var one = exception; one is not null; one = one.InnerException)
        {
            yield return one;
        }
    }
}
