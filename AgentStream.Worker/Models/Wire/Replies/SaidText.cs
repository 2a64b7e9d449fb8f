using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AgentStream.Worker.Models.Wire.Replies;

/// <summary>
/// The text of a body, a line for each value, and nothing of what it sends back of the request:
/// servers that check requests quote them, prompts and all.
/// </summary>
internal static class SaidText
{
    private const int MaxLength = 16_000;
    private const int MaxDepth = 12;

    // Those that servers write themselves.
    private static readonly HashSet<string> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        "error",
        "errors",
        "message",
        "msg",
        "detail",
        "details",
        "description",
        "title",
        "code",
        "type",
        "status",
        "param",
        "reason",
        "loc",
        "error_type",
        "error_code",
        "error_msg",
        "status_code",
        "status_msg",
        "base_resp",
        "metadata",
        "raw",
        "innererror",
        "n_prompt_tokens",
        "n_ctx",
        "n_keep",
        "violations",
        "quotaId",
        "quotaMetric",
        "quota_limit",
        "quota_metric",
        "retryDelay",
        "retry_after", "retry_after_seconds", "limit_source", "cause",
    };

    /// <summary>Servers in front of others put the first one's body into a string of their own.</summary>
    private static readonly HashSet<string> Nested = new(StringComparer.OrdinalIgnoreCase) { "message", "raw", "error", "detail", "msg" };

    /// <summary>As <c>code: 429</c>, one to a line.</summary>
    public static string Of(JsonNode? body)
    {
        var text = new StringBuilder();
        Add(text, "message", body, 0);
        return text.ToString();
    }

    /// <summary>The JSON in a string; null: it is none.</summary>
    public static JsonNode? Parse(string text)
    {
        if (text.AsSpan().Trim() is not ['{' or '[', ..])
        {
            return null;
        }

        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static void Add(StringBuilder text, string name, JsonNode? node, int depth)
    {
        if (depth > MaxDepth || text.Length > MaxLength)
        {
            return;
        }

        switch (node)
        {
            case JsonObject properties:
                foreach (var (key, value) in properties.Where(property => Known.Contains(property.Key)))
                {
                    Add(text, key, value, depth + 1);
                }

                break;
            case JsonArray places when name == "loc":
                // Where FastAPI found it: ["body", "tools", 0].
                text.Append("loc: ").AppendJoin(' ', places).Append('\n');
                break;
            case JsonArray several:
                foreach (var one in several)
                {
                    Add(text, name, one, depth + 1);
                }

                break;
            case JsonValue value when value.TryGetValue<string>(out var said):
                if (Nested.Contains(name) && Parse(said) is { } inner)
                {
                    Add(text, name, inner, depth + 1);
                }
                else
                {
                    text.Append(name).Append(": ").Append(said.AsSpan(0, Math.Min(said.Length, MaxLength))).Append('\n');
                }

                break;
            case JsonValue value:
                text.Append(name).Append(": ").Append(value.ToJsonString()).Append('\n');
                break;
            default:
                break;
        }
    }
}
