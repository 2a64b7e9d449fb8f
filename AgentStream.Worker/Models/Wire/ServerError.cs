using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using AgentStream.Worker.Models.Wire.Refusals;
using AgentStream.Worker.Models.Wire.Replies;

namespace AgentStream.Worker.Models.Wire;

/// <summary>
/// What a server says when it refuses.
/// The shapes seen: <c>{"type":"error","error":{"type":"overloaded_error","message":"..."}}</c> (Anthropic),
/// <c>{"error":{"message":"...","type":"...","code":"..."}}</c> (OpenAI and most others),
/// <c>[{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","details":[...]}}]</c> (Google), <c>{"error":"...","error_type":"validation"}</c>
/// (TGI), <c>{"error":"..."}</c> (Ollama), <c>{"object":"error","message":"...","code":400}</c> (vLLM, SGLang, Mistral),
/// <c>{"code":"InvalidParameter","message":"..."}</c> (DashScope), <c>{"base_resp":{"status_code":2013,"status_msg":"..."}}</c> (MiniMax),
/// <c>{"detail":"..."}</c> and <c>{"detail":[{"loc":[...],"msg":"..."}]}</c> (FastAPI),
/// a body inside another's message (gateways), plain text.
/// </summary>
/// <param name="Status">The HTTP status, or what stands for it in a stream's error event.</param>
/// <param name="Text">Everything it said, in lower case, each value after its name.</param>
internal sealed record ServerError(int Status, string Text)
{
    private const int DefaultStreamStatus = 500;
    private const int MaxNesting = 4;

    /// <summary>The time for which its headers ask to be left alone.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The meaning of it.</summary>
    public Refusal Refusal => field ??= RefusalReader.Read(this);

    public bool RefusesStreamOptions => Status is 400 or 422 or 501 && Text.Contains("stream_options", StringComparison.Ordinal);

    /// <summary>"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."</summary>
    public bool WantsNewTokenLimit => Status is 400 or 422
        && Text.Contains("max_completion_tokens", StringComparison.Ordinal)
        && Refusal.Kind != RefusalKind.ReplyTooLong;

    /// <summary>
    /// The server's own sentence, for the log; empty: it had none.
    /// Nothing beside it: servers that check requests send back what they were given, prompts and all.
    /// </summary>
    public string Sentence { get; private init; } = "";

    /// <summary>The answer to a request.</summary>
    public static ServerError Read(int status, string body)
    {
        try
        {
            return JsonNode.Parse(body) is { } json ? Of(status, json) : new ServerError(status, "");
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException)
        {
            // A proxy's page says little in many words.
            return new ServerError(status, Lower(body)) { Sentence = body.AsSpan().TrimStart() is ['<', ..] ? "" : body };
        }
    }

    /// <summary>The error in a body or a chunk that came with status 200, if there is one.</summary>
    public static ServerError? In(JsonNode? body) => body switch
    {
        JsonArray { Count: > 0 } several => In(several[0]),
        JsonObject properties when properties["error"] is { } error => FromStream(error),
        JsonObject properties when IsError(properties) => FromStream(properties),
        JsonObject properties when properties["base_resp"] is JsonObject result
            && result["status_code"]?.ToString() is not (null or "0") => FromStream(properties),
        _ => null,
    };

    /// <summary>An error event in a stream; its own code says which status it would have been.</summary>
    public static ServerError FromStream(JsonNode error)
    {
        var status = DefaultStreamStatus;
        if (error is JsonObject properties)
        {
            status = StatusOf(properties["code"]) ?? StatusOf(properties["type"]) ?? StatusOf(properties["status"])
                ?? StatusOf(properties["error_type"])
                ?? StatusOf((properties["base_resp"] as JsonObject)?["status_code"]) ?? DefaultStreamStatus;
        }

        return Of(status, error);
    }

    private static ServerError Of(int status, JsonNode said) => new(status, Lower(SaidText.Of(said))) { Sentence = SentenceIn(said, 0) };

    // Beside a reply such names are the server's remarks on it.
    private static bool IsError(JsonObject body) => body["choices"] is null
        && (body["object"]?.ToString() == "error"
            || body["type"]?.ToString() == "error"
            || IsText(body["detail"])
            || (IsText(body["message"]) && body["code"] is not null));

    private static bool IsText(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out _);

    // OpenAI's codes are words or numbers ("rate_limit_exceeded", 502), Anthropic's types and Google's statuses are words.
    private static int? StatusOf(JsonNode? code) => code?.ToString() switch
    {
        { } text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) => number switch
        {
            >= 400 and < 600 => number,
            // MiniMax's own.
            1002 => 429,
            1004 => 401,
            1008 => 402,
            1026 or 1027 or 1039 or 2013 => 400,
            _ => null,
        },
        { } text when text.Contains("rate_limit", StringComparison.OrdinalIgnoreCase) => 429,
        "invalid_request_error" or "BadRequestError" or "INVALID_ARGUMENT" or "validation" or "exceed_context_size_error" => 400,
        "authentication_error" or "UNAUTHENTICATED" => 401,
        "billing_error" => 402,
        "permission_error" or "PERMISSION_DENIED" => 403,
        "not_found_error" or "NOT_FOUND" => 404,
        "request_too_large" => 413,
        "RESOURCE_EXHAUSTED" or "overloaded" => 429,
        "timeout_error" or "DEADLINE_EXCEEDED" => 504,
        "overloaded_error" => 529,
        _ => null,
    };

    private static string SentenceIn(JsonNode? said, int depth) => said switch
    {
        _ when depth > MaxNesting => "",
        JsonValue value when value.TryGetValue<string>(out var text) =>
            SaidText.Parse(text) is { } inner && SentenceIn(inner, depth + 1) is { Length: > 0 } first ? first : text,
        // What OpenRouter and its like say of the server that they asked says nothing.
        JsonObject properties when properties["metadata"] is JsonObject metadata
            && SentenceIn(metadata["raw"], depth + 1) is { Length: > 0 } raw => raw,
        JsonObject properties => SentenceIn(
            properties["error"] ?? properties["message"] ?? properties["detail"] ?? properties["msg"]
                ?? (properties["base_resp"] as JsonObject)?["status_msg"], depth + 1),
        JsonArray { Count: > 0 } several => SentenceIn(several[0], depth + 1),
        _ => "",
    };

    /// <summary>Whether it says this.</summary>
    public bool Says(string words) => Text.Contains(words, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether it says one of these.</summary>
    public bool SaysAny(IEnumerable<string> words) => words.Any(Says);

#pragma warning disable CA1308 // For comparing with words that are in lower case.
    private static string Lower(string text) => text.ToLowerInvariant();
#pragma warning restore CA1308
}
