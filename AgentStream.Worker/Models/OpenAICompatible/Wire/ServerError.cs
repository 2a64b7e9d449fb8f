using System.Globalization;
using System.Text.Json.Nodes;

namespace AgentStream.Worker.Models.OpenAICompatible.Wire;

/// <summary>
/// What a server says when it refuses. The shapes seen: <c>{"error":{"message":"...","type":"...","code":"..."}}</c>, <c>{"error":"..."}</c>, <c>{"message":"..."}</c>, <c>{"detail":"..."}</c>, plain text.
/// </summary>
/// <param name="Status">The HTTP status, or what stands for it in a stream's error event.</param>
/// <param name="Text">Everything it said, in lower case.</param>
internal sealed record ServerError(int Status, string Text)
{
    private const int DefaultStreamStatus = 500;

    // Words rather than codes: compatible servers agree on few codes, and their sentences are much alike.
    private static readonly string[] ContextOverflowWords =
        ["context_length", "context length", "context window", "context size", "maximum context", "prompt is too long", "too many tokens", "input is too long"];

    private static readonly string[] ContentFilterWords = ["content_filter", "content filter", "content_policy", "content management policy"];

    private static readonly string[] QuotaWords = ["insufficient_quota", "quota", "billing", "credit"];

    private static readonly string[] UnknownModelWords = ["model_not_found", "model not found", "no such model", "unknown model", "invalid model"];

    public bool IsContextOverflow => Status is 400 or 413 or 422 or >= 500 && Says(ContextOverflowWords);

    public bool IsContentFilter => Status is 400 or 403 or 422 && Says(ContentFilterWords);

    public bool IsQuota => Says(QuotaWords);

    public bool IsUnknownModel => Status is 400 or 422 && (Says(UnknownModelWords) || (Text.Contains("model", StringComparison.Ordinal) && Text.Contains("does not exist", StringComparison.Ordinal)));

    public bool RefusesStreamOptions => Status is 400 or 422 or 501 && Text.Contains("stream_options", StringComparison.Ordinal);

    public bool RefusesStreaming => Status is 400 or 404 or 405 or 422 or 501 && Text.Contains("stream", StringComparison.Ordinal);

    /// <summary>The answer to a request.</summary>
    public static ServerError Read(int status, string body) => new(status, Lower(body));

    /// <summary>The error in a body or a chunk that came with status 200, if there is one.</summary>
    public static ServerError? In(JsonNode? body) =>
        body is JsonObject properties && properties.TryGetPropertyValue("error", out var error) && error is not null ? FromStream(error) : null;

    /// <summary>An error event in a stream; its own code says which status it would have been.</summary>
    public static ServerError FromStream(JsonNode error)
    {
        var status = DefaultStreamStatus;
        if (error is JsonObject properties && properties.TryGetPropertyValue("code", out var code) && code is not null)
        {
            var text = code.ToString();
            status = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 400 and < 600 ? number
                : text.Contains("rate_limit", StringComparison.OrdinalIgnoreCase) ? 429
                : DefaultStreamStatus;
        }

        return new ServerError(status, Lower(error.ToJsonString()));
    }

    private bool Says(string[] words) => words.Any(word => Text.Contains(word, StringComparison.Ordinal));

#pragma warning disable CA1308 // For comparing with words that are in lower case.
    private static string Lower(string text) => text.ToLowerInvariant();
#pragma warning restore CA1308
}
