using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AgentStream.Worker.Models.Wire;

/// <summary>
/// What a server says when it refuses. The shapes seen: <c>{"type":"error","error":{"type":"overloaded_error","message":"..."}}</c> (Anthropic), <c>{"error":{"message":"...","type":"...","code":"..."}}</c>, <c>{"error":"..."}</c>, <c>{"message":"..."}</c>, <c>{"detail":"..."}</c>, plain text.
/// </summary>
/// <param name="Status">The HTTP status, or what stands for it in a stream's error event.</param>
/// <param name="Text">Everything it said, in lower case.</param>
internal sealed record ServerError(int Status, string Text)
{
    private const int DefaultStreamStatus = 500;

    // Words rather than codes: compatible servers agree on few codes, and their sentences are much alike.
    private static readonly string[] ContextOverflowWords =
        ["context_length", "context length", "context window", "context size", "maximum context", "maximum prompt length", "exceeds the maximum number of tokens", "prompt is too long", "too many tokens", "input is too long", "request_too_large", "exceed context limit"];

    private static readonly string[] ContentFilterWords = ["content_filter", "content filter", "content_policy", "content management policy"];

    private static readonly string[] QuotaWords = ["insufficient_quota", "quota", "billing", "credit"];

    // With a status that says nothing of money (Anthropic: 400 "Your credit balance is too low").
    private static readonly string[] SureQuotaWords = ["insufficient_quota", "credit balance", "billing_error", "insufficient credits"];

    // Groq's 429s and 413s say "upgrade ... billing" where a minute's tokens are used up: that passes by itself.
    private static readonly string[] ByTheMinute = ["per minute", "per_minute", "(tpm)", "(rpm)", "per second"];

    private static readonly string[] UnknownModelWords = ["model_not_found", "model not found", "no such model", "unknown model", "invalid model"];

    public bool IsContextOverflow => Status == 413 || (Status is 400 or 422 or >= 500 && Says(ContextOverflowWords));

    public bool IsContentFilter => Status is 400 or 403 or 422 && Says(ContentFilterWords);

    public bool IsQuota => Status == 402 || (Status == 429 && Says(QuotaWords) && !Says(ByTheMinute)) || (Status is 400 or 403 && Says(SureQuotaWords));

    public bool IsUnknownModel => Status is 400 or 422 && (Says(UnknownModelWords) || (Text.Contains("model", StringComparison.Ordinal) && Text.Contains("does not exist", StringComparison.Ordinal)));

    public bool IsAboutTemperature => Status is 400 or 422 && Text.Contains("temperature", StringComparison.Ordinal);

    public bool RefusesStreamOptions => Status is 400 or 422 or 501 && Text.Contains("stream_options", StringComparison.Ordinal);

    /// <summary>"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."</summary>
    public bool WantsNewTokenLimit => Status is 400 or 422 && Text.Contains("max_completion_tokens", StringComparison.Ordinal);

    public bool RefusesStreaming => Status is 400 or 404 or 405 or 422 or 501 && Text.Contains("stream", StringComparison.Ordinal);

    /// <summary>The server's own sentence, for the log; empty: it had none. Nothing beside it: servers that check requests send back what they were given, prompts and all.</summary>
    public string Sentence { get; private init; } = "";

    /// <summary>The answer to a request.</summary>
    public static ServerError Read(int status, string body) => new(status, Lower(body)) { Sentence = SentenceIn(body) };

    /// <summary>The error in a body or a chunk that came with status 200, if there is one.</summary>
    public static ServerError? In(JsonNode? body) =>
        body is JsonObject properties && properties.TryGetPropertyValue("error", out var error) && error is not null ? FromStream(error) : null;

    /// <summary>An error event in a stream; its own code says which status it would have been.</summary>
    public static ServerError FromStream(JsonNode error)
    {
        var status = DefaultStreamStatus;
        if (error is JsonObject properties)
        {
            status = StatusOf(properties["code"]) ?? StatusOf(properties["type"]) ?? DefaultStreamStatus;
        }

        return new ServerError(status, Lower(error.ToJsonString())) { Sentence = SentenceIn(error) };
    }

    // OpenAI's codes are words or numbers ("rate_limit_exceeded", 502), Anthropic's types are words.
    private static int? StatusOf(JsonNode? code) => code?.ToString() switch
    {
        { } text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 400 and < 600 => number,
        { } text when text.Contains("rate_limit", StringComparison.OrdinalIgnoreCase) => 429,
        "invalid_request_error" => 400,
        "authentication_error" => 401,
        "billing_error" => 402,
        "permission_error" => 403,
        "not_found_error" => 404,
        "request_too_large" => 413,
        "timeout_error" => 504,
        "overloaded_error" => 529,
        _ => null,
    };

    private static string SentenceIn(string body)
    {
        try
        {
            return SentenceIn(JsonNode.Parse(body));
        }
        catch (JsonException)
        {
            // A proxy's page says little in many words.
            return body.StartsWith('<') ? "" : body;
        }
    }

    private static string SentenceIn(JsonNode? said) => said switch
    {
        JsonValue value when value.TryGetValue<string>(out var text) => text,
        JsonObject properties => SentenceIn(properties["error"] ?? properties["message"] ?? properties["detail"] ?? properties["msg"]),
        JsonArray { Count: > 0 } several => SentenceIn(several[0]),
        _ => "",
    };

    private bool Says(string[] words) => words.Any(word => Text.Contains(word, StringComparison.Ordinal));

#pragma warning disable CA1308 // For comparing with words that are in lower case.
    private static string Lower(string text) => text.ToLowerInvariant();
#pragma warning restore CA1308
}
