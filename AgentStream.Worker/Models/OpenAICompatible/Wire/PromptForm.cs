using System.Text.Json.Nodes;
using AgentStream.Worker.Models.Pipeline;
using AgentStream.Worker.Models.Wire;
using AgentStream.Worker.Models.Wire.Replies;

namespace AgentStream.Worker.Models.OpenAICompatible.Wire;

/// <summary>A form of the prompt that some models' servers want and others refuse: nobody knows which before one has said so.</summary>
/// <param name="name">What it is, for the log.</param>
/// <param name="isWanted">Whether a refusal asks for it.</param>
/// <param name="apply">Brings the messages of a request into it; false: they were in it already.</param>
internal sealed class PromptForm(string name, Func<ServerError, JsonObject, bool> isWanted, Func<JsonArray, bool> apply)
{
    private const string Thought = "reasoning_content";

    // Google's own word for a call that another model made.
    private const string NoSignature = "skip_thought_signature_validator";

    // DeepSeek takes no empty one, and no word for it either.
    private const string NoThought = " ";

    private static readonly HashSet<string> OfMessage = ["role", "content", "tool_calls", "tool_call_id", "name"];
    private static readonly HashSet<string> OfCall = ["id", "type", "function"];
    private static readonly HashSet<string> OfFunction = ["name", "arguments"];

    private static readonly string[] MissingWords = ["missing", "must be passed back", "required", "null", "none is not",
        "must be a string", "must be string"];

    private static readonly string[] UnknownWords =
        ["unsupported", "not supported", "unknown", "unrecognized", "unexpected", "extra inputs", "extra_forbidden", "not permitted",
            "not allowed", "additional propert", "invalid field"];

    /// <summary>All that are known.</summary>
    public static IReadOnlyList<PromptForm> All { get; } =
    [
        // DeepSeek: "The `reasoning_content` in the thinking mode must be passed back to the API." Kimi: "thinking is enabled but
        // reasoning_content is missing in assistant tool call message at index 2"
        new("a thought in each reply, empty where another model made it", (error, _) => error.Says(Thought)
            && error.SaysAny(MissingWords), AddThoughts),

        // Gemini: "Function call is missing a thought_signature in functionCall parts."
        new("a signature in each call, a placeholder where another model made it", (error, _) => error.Says("thought_signature")
            && error.Says("missing"), AddSignatures),

        // Groq: "property 'reasoning' is unsupported"; a strict validator:
        // {"type":"extra_forbidden","loc":["body","messages",2,"assistant","reasoning"],"msg":"Extra inputs are not permitted"}
        new("no fields but the standard ones", (error, body) => error.SaysAny(UnknownWords) && OtherFields(body)
            .Any(error.Says), RemoveOtherFields),

        // Mistral: "Tool call id was call_49c89af0 but must be a-z, A-Z, 0-9, with a length of 9." OpenAI: "Invalid
        // 'messages[2].tool_calls[0].id': string too long.
        // Expected ... maximum length 40"
        new("short ids of calls", (error, _) => error.Says("tool call id") || (error.Says("tool_call")
            && error.SaysAny(["too long", "maximum length", "pattern"])), ShortenIds),

        // Gemma: "System role not supported"; Google's own Gemma: "Developer instruction is not enabled for models/gemma-3-27b-it".
        // Older templates of Mistral say of a system message that roles must alternate.
        new(
            "the instructions in the first message",
            (error, _) => error.SaysAny(["system role", "system message is not supported", "developer instruction",
                "only user and assistant roles", "roles must alternate"]),
            MoveInstructions),

        new("a content in each message, empty where there is none", (error, _) => error.Says("content")
            && error.SaysAny(MissingWords), AddContents),
    ];

    public string Name => name;

    public bool IsWanted(ServerError refusal, JsonObject body) => isWanted(refusal, body);

    /// <returns>Whether the request has changed.</returns>
    public bool Apply(JsonObject body) => body["messages"] is JsonArray messages && apply(messages);

    private static bool AddThoughts(JsonArray messages) => ForEach(Assistants(messages), message =>
    {
        if (!string.IsNullOrEmpty(JsonText.Plain(message[Thought])))
        {
            return false;
        }

        message[Thought] = NoThought;
        return true;
    });

    private static bool AddSignatures(JsonArray messages) => ForEach(Calls(messages), call =>
    {
        var google = Object(Object(call, "extra_content"), "google");
        return google.TryAdd("thought_signature", NoSignature);
    });

    private static bool RemoveOtherFields(JsonArray messages)
    {
        var hasChanged = ForEach(messages.OfType<JsonObject>(), message => Remove(message, OfMessage) | FlattenParts(message));
        return hasChanged | ForEach(Calls(messages), call => Remove(call, OfCall) | (call["function"] is JsonObject function
            && Remove(function, OfFunction)));
    }

    private static bool ShortenIds(JsonArray messages)
    {
        var hasChanged = ForEach(Calls(messages), call => Shorten(call, "id"));
        return hasChanged | ForEach(messages.OfType<JsonObject>(), message => Shorten(message, "tool_call_id"));
    }

    private static bool MoveInstructions(JsonArray messages)
    {
        if (messages is not [JsonObject first, JsonObject second, ..] || JsonText.Plain(first["role"]) != "system")
        {
            return false;
        }

        second["content"] = $"{JsonText.Of(first["content"])}\n\n{JsonText.Of(second["content"])}";
        messages.RemoveAt(0);
        return true;
    }

    private static bool AddContents(JsonArray messages) => ForEach(Assistants(messages), message =>
    {
        if (message["content"] is not null)
        {
            return false;
        }

        message["content"] = "";
        return true;
    });

    private static IEnumerable<JsonObject> Assistants(JsonArray messages) => messages.OfType<JsonObject>().Where(message
        => JsonText.Plain(message["role"]) == "assistant");

    private static IEnumerable<JsonObject> Calls(JsonArray messages) => messages.OfType<JsonObject>().SelectMany(message
        => message["tool_calls"] as JsonArray ?? []).OfType<JsonObject>();

    private static IEnumerable<string> OtherFields(JsonObject body) => body["messages"] is not JsonArray messages ? [] :
    [
        .. messages.OfType<JsonObject>().SelectMany(message => Others(message, OfMessage)),
        .. Calls(messages).SelectMany(call => Others(call, OfCall)),
        .. Calls(messages).SelectMany(call => Others(call["function"] as JsonObject ?? [], OfFunction)),
        .. messages.OfType<JsonObject>().SelectMany(message => message["content"] as JsonArray ?? []).OfType<JsonObject>().Select(part
            => JsonText.Plain(part["type"]) ?? "").Where(type => type is not ("" or "text")),
    ];

    private static IEnumerable<string> Others(JsonObject fields, HashSet<string> standard) => fields.Select(field => field.Key).Where(field
        => !standard.Contains(field));

    private static bool Remove(JsonObject fields, HashSet<string> standard) => ForEach(Others(fields, standard).ToList(), fields.Remove);

    // Thoughts among the parts of a text.
    private static bool FlattenParts(JsonObject message)
    {
        if (message["content"] is not JsonArray parts || parts.OfType<JsonObject>().All(part => JsonText.Plain(part["type"]) != "thinking"))
        {
            return false;
        }

        message["content"] = JsonText.Of(parts);
        return true;
    }

    private static bool Shorten(JsonObject fields, string name)
    {
        if (JsonText.Plain(fields[name]) is not { } id || CallIds.IsShort(id))
        {
            return false;
        }

        fields[name] = CallIds.Short(id);
        return true;
    }

    private static JsonObject Object(JsonObject fields, string name)
    {
        if (fields[name] is not JsonObject inner)
        {
            fields[name] = inner = [];
        }

        return inner;
    }

    private static bool ForEach<T>(IEnumerable<T> all, Func<T, bool> change) => all.Aggregate(false, (hasChanged, one)
        => change(one) | hasChanged);
}
