namespace AgentStream.Worker.Models.Wire;

/// <summary>Says for people what happened and what to do, the same for every provider. Never throws, and never quotes what the provider said.</summary>
internal sealed class ProviderErrors(ProviderHints hints)
{
    public ModelException Refused(ServerError error, string modelId, TimeSpan? retryAfter, Exception exception)
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

        if (error.IsQuota)
        {
            return new ModelException(
                ModelErrorCode.Quota, $"The quota or the credit at {hints.Host} is used up. Check its plan and billing, or use another model.", exception);
        }

        return error.Status switch
        {
            401 or 403 => new ModelException(
                ModelErrorCode.Auth, $"{hints.Host} refused the key for the model '{modelId}'. Check {hints.Key}, and that it may use this model.", exception),
            429 => new ModelException(
                ModelErrorCode.RateLimited, $"{hints.Host} gets too many requests for the model '{modelId}'. Try again in a while.", exception)
            { IsTransient = true, RetryAfter = retryAfter },
            404 => NotFound(modelId, exception),
            _ when error.IsUnknownModel => NotFound(modelId, exception),
            _ when error.IsAboutTemperature => new ModelException(
                ModelErrorCode.Refused, $"{hints.Host} refused the temperature: the model '{modelId}' takes none, or not this one. Leave it out, or use another model.", exception),
            408 or 425 or >= 500 => new ModelException(
                ModelErrorCode.Unavailable, $"{hints.Host} can't answer for the model '{modelId}' at the moment. Try again in a while.", exception)
            { IsTransient = true, RetryAfter = retryAfter, MayAnswerWhole = true },
            _ => new ModelException(
                ModelErrorCode.Refused,
                $"{hints.Host} refused the request to the model '{modelId}' as it is. Leave out temperature and max_tokens, or use another model; the reason is in the worker's log.",
                exception),
        };
    }

    /// <summary>The stream ended, or the connection was lost, before the reply was complete.</summary>
    public static ModelException BrokenOff(string modelId, Exception exception) => new(
        ModelErrorCode.Unavailable, $"The reply of the model '{modelId}' broke off. Try again.", exception)
    { IsTransient = true, MayAnswerWhole = true };

    public ModelException Unreachable(Exception exception) => new(
        ModelErrorCode.Unavailable, $"The model's server at {hints.Host} can't be reached. Check that it runs and that {hints.Base} is right.", exception)
    { IsTransient = true };

    /// <summary>Something answered, a web page for example.</summary>
    public ModelException NotTheApi(Exception exception) => new(
        ModelErrorCode.NotFound, $"{hints.Host} answered, but not as a model does. Check {hints.Base}.", exception);

    /// <summary>It could not be made sense of: that too is worth another attempt.</summary>
    public static ModelException NotUnderstood(string modelId, Exception exception) => new(
        ModelErrorCode.Error, $"The reply of the model '{modelId}' could not be understood. Try again; the reason is in the worker's log.", exception)
    { IsTransient = true, MayAnswerWhole = true };

    /// <summary>What network, proxies and our own readers throw; null: something else.</summary>
    public ModelException? OfTransport(Exception exception, string modelId)
    {
        foreach (var one in Chain(exception))
        {
            switch (one)
            {
                case ModelException known:
                    return known;
                case WireException { ServerError: { } error } wire:
                    return Refused(error, modelId, wire.RetryAfter, exception);
                case WireException { Kind: WireProblem.NotTheApi }:
                    return NotTheApi(exception);
                case WireException:
                    return BrokenOff(modelId, exception);
                case HttpRequestException refused when NeverConnected(refused):
                    return Unreachable(exception);
                default:
                    break;
            }
        }

        return Chain(exception).Any(one => one is IOException or HttpRequestException or OperationCanceledException or TimeoutException) ? BrokenOff(modelId, exception) : null;
    }

    /// <summary>An exception and its causes.</summary>
    public static IEnumerable<Exception> Chain(Exception exception)
    {
        for (var one = exception; one is not null; one = one.InnerException)
        {
            yield return one;
        }
    }

    private static bool NeverConnected(HttpRequestException exception) => exception.HttpRequestError
        is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError;

    private ModelException NotFound(string modelId, Exception exception) => new(
        ModelErrorCode.NotFound, $"There is no model '{modelId}' at {hints.Host}. Check {hints.Model} and {hints.Base}.", exception);
}
