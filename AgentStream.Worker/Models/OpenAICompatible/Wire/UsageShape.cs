using System.Text.Json.Nodes;
using AgentStream.Worker.Models.Wire.Replies;

namespace AgentStream.Worker.Models.OpenAICompatible.Wire;

/// <summary>Reads the usage that a chunk or body reports, under the names that servers give it.</summary>
internal static class UsageShape
{
    public static JsonObject? Find(JsonObject body)
    {
        // Groq puts a stream's usage elsewhere: {"x_groq":{"usage":{...}}}. Ollama's own protocol has it in the body itself.
        var usage = body["usage"] as JsonObject ?? (body["x_groq"] as JsonObject)?["usage"] as JsonObject ?? body;
        var input = First(usage, "prompt_tokens", "input_tokens", "prompt_eval_count");
        var output = First(usage, "completion_tokens", "output_tokens", "eval_count");
        if (input is null && output is null)
        {
            return null;
        }

        var standard = new JsonObject
        {
            ["prompt_tokens"] = input ?? 0,
            ["completion_tokens"] = output ?? 0,
            ["total_tokens"] = JsonText.Number(usage["total_tokens"]) ?? (input ?? 0) + (output ?? 0),
        };
        Copy(usage, standard, "prompt_tokens_details", "cached_tokens");
        Copy(usage, standard, "completion_tokens_details", "reasoning_tokens");
        if (!standard.ContainsKey("prompt_tokens_details") && JsonText.Number(usage["prompt_cache_hit_tokens"]) is { } cached)
        {
            // DeepSeek's name for them.
            standard["prompt_tokens_details"] = new JsonObject { ["cached_tokens"] = cached };
        }

        return standard;
    }

    private static long? First(JsonObject usage, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (JsonText.Number(usage[name]) is { } number)
            {
                return number;
            }
        }

        return null;
    }

    private static void Copy(JsonObject from, JsonObject to, string details, string count)
    {
        if (from[details] is JsonObject source && JsonText.Number(source[count]) is { } number)
        {
            to[details] = new JsonObject { [count] = number };
        }
    }
}
