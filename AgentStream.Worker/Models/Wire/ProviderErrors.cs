using System.Globalization;
using AgentStream.Worker.Models.Wire.Refusals;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Models.Wire;

/// <summary>
/// Says for people what happened and what to do, the same for every provider.
/// Never throws, and quotes nobody but a server, and that only as <see cref="ServerWords"/> lets it.
/// </summary>
internal sealed class ProviderErrors(ProviderHints hints)
{
    /// <summary>The settings of a request that a message may have made, as servers call them.</summary>
    private static readonly string[] ReplyLimits =
        ["max_tokens", "max_completion_tokens", "max_new_tokens", "max_output_tokens", "maxoutputtokens"];

    /// <param name="error">What the server said.</param>
    /// <param name="modelId">The model that was asked.</param>
    /// <param name="options">What it was asked with.</param>
    /// <param name="exception">What was caught.</param>
    public ModelException Refused(ServerError error, string modelId, ChatOptions? options, Exception exception)
    {
        var refusal = error.Refusal;
        return refusal.Kind switch
        {
            RefusalKind.PromptTooLong => Of(
                ModelErrorCode.ContextOverflow,
                $"This conversation is longer than the model '{modelId}' can read. Start a new one, or use a model with a larger context."),
            RefusalKind.ReplyTooLong => Of(
                ModelErrorCode.Refused,
                $"{hints.Host} refused to write a reply as long as max_tokens allows: the model '{modelId}' has no room for "
                    + $"it.{Said(error)} Lower max_tokens, or ask for less."),
            RefusalKind.ContentFilter => Of(
                ModelErrorCode.ContentFilter,
                "The model provider's content filter refused this conversation. Put the question in other words."),
            RefusalKind.NoStreaming => Of(
                ModelErrorCode.Error, $"The model '{modelId}' does not stream its replies.", mayAnswerWhole: true),
            RefusalKind.NoTools => Of(
                ModelErrorCode.Refused,
                $"The model '{modelId}' takes no tools at {hints.Host}.{Said(error)} Use another model, or an agent without tools."),
            RefusalKind.Quota => Of(
                ModelErrorCode.Quota,
                $"The quota or the credit at {hints.Host} is used up. Check its plan and billing, or use another model."),
            RefusalKind.Auth => Of(
                ModelErrorCode.Auth,
                $"{hints.Host} refused the key for the model '{modelId}'.{(error.Status == 403 ? Said(error) : "")} Check {hints.Key}, "
                    + "and that it may use this model."),
            RefusalKind.RateLimit => Of(
                ModelErrorCode.RateLimited,
                $"{hints.Host} gets too many requests for the model '{modelId}'. Try again "
                    + $"{(refusal.Wait is { } wait ? $"in {Words(wait)}" : "in a while")}, or use another model.",
                isTransient: true),
            RefusalKind.NoModel => Of(
                ModelErrorCode.NotFound,
                $"There is no model '{modelId}' at {hints.Host}.{Said(error)} Check {hints.Model} and {hints.Base}."),
            RefusalKind.Overload => Of(
                ModelErrorCode.Unavailable,
                $"{hints.Host} can't answer for the model '{modelId}' at the moment.{Said(error)} Try again in a while.",
                isTransient: true, mayAnswerWhole: true),
            _ => Unknown(),
        };

        ModelException Unknown() => Named(error, options) is { } setting
            ? Of(
                ModelErrorCode.Refused,
                $"{hints.Host} refused the {setting} for the model '{modelId}'.{Said(error)} Leave it out, or use another model.")
            : Of(
                ModelErrorCode.Refused,
                $"{hints.Host} refused the request to the model '{modelId}'.{Said(error, otherwise: " It did not say why.")} The worker's "
                    + "log has the rest; another model may take it.");

        ModelException Of(string code, string message, bool isTransient = false, bool mayAnswerWhole = false)
            => new(code, message, exception)
            {
                Refusal = refusal,
                IsTransient = isTransient,
                RetryAfter = refusal.Wait,
                RefusesStreaming = refusal.Kind == RefusalKind.NoStreaming,
                MayAnswerWhole = mayAnswerWhole,
                IsServerFault = error.Status == 500,
            };
    }

    /// <summary>The options that the message asked for and the server speaks of; null: nothing.</summary>
    private static string? Named(ServerError error, ChatOptions? options) =>
        options?.Temperature is not null && error.Text.Contains("temperature", StringComparison.Ordinal) ? "temperature"
        : options?.MaxOutputTokens is not null && ReplyLimits.Any(name => error.Text.Contains(name, StringComparison.Ordinal))
            ? "max_tokens"
        : null;

    private static string Said(ServerError error, string otherwise = "") =>
        ServerWords.Of(error.Sentence) is { Length: > 0 } words
            ? $" It says: “{words}”{(words[^1] is '.' or '!' or '?' or '。' ? "" : ".")}"
            : otherwise;

    private static string Words(TimeSpan wait) => wait switch
    {
        { TotalSeconds: < 2 } => "a second",
        { TotalSeconds: < 120 } => string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(wait.TotalSeconds):0} seconds"),
        { TotalMinutes: < 120 } => string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(wait.TotalMinutes):0} minutes"),
        { TotalHours: < 48 } => string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(wait.TotalHours):0} hours"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(wait.TotalDays):0} days"),
    };

    /// <summary>The stream ended, or the connection was lost, before the reply was complete.</summary>
    public static ModelException BrokenOff(string modelId, Exception exception) => new(
        ModelErrorCode.Unavailable, $"The reply of the model '{modelId}' broke off. Try again.", exception)
    { IsTransient = true, MayAnswerWhole = true };

    public ModelException Unreachable(Exception exception) => new(
        ModelErrorCode.Unavailable,
        $"The model's server at {hints.Host} can't be reached. Check that it runs and that {hints.Base} is right.", exception)
    { IsTransient = true };

    /// <summary>Something answered, a web page for example.</summary>
    public ModelException NotTheApi(Exception exception) => new(
        ModelErrorCode.NotFound, $"{hints.Host} answered, but not as a model does. Check {hints.Base}.", exception);

    /// <summary>It could not be made sense of: that too is worth another attempt.</summary>
    public static ModelException NotUnderstood(string modelId, Exception exception) => new(
        ModelErrorCode.Error, $"The reply of the model '{modelId}' could not be understood. Try again; the reason is in the worker's log.",
        exception)
    { IsTransient = true, MayAnswerWhole = true };

    /// <summary>The exception that network, proxies and our own readers throw; null: something else.</summary>
    public ModelException? OfTransport(Exception exception, string modelId, ChatOptions? options)
    {
        foreach (var one in Chain(exception))
        {
            switch (one)
            {
                case ModelException known:
                    return known;
                case WireException { ServerError: { } error }:
                    return Refused(error, modelId, options, exception);
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

        return Chain(exception).Any(one => one is IOException or HttpRequestException or OperationCanceledException or TimeoutException)
            ? BrokenOff(modelId, exception)
            : null;
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
        is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError
            or HttpRequestError.ProxyTunnelError;
}
