using System.Text.Json;

namespace AgentStream.Tests.Wire.Prompts;

/// <summary>
/// Looks at a prompt as the strictest servers do of which there are public reports, all at once, and refuses it in their words.
/// </summary>
internal static class StrictPrompt
{
    /// <summary>
    /// What a server with OpenAI's protocol says against it: the templates of Qwen, Gemma and Mistral, OpenAI itself; <c>null</c>: nothing.
    /// </summary>
    public static string? OpenAI(JsonElement body)
    {
        var last = "system";
        List<string> open = [];
        HashSet<string> seen = [];
        foreach (var (index, message) in body.GetProperty("messages").EnumerateArray().Index())
        {
            var role = message.GetProperty("role").GetString()!;
            var calls = message.TryGetProperty("tool_calls", out var list) ? list.EnumerateArray().ToList() : [];
            if (role == "tool")
            {
                if (open.Count == 0 || message.GetProperty("tool_call_id").GetString() != open[0])
                {
                    return "Tool messages must follow the call that they answer, in the same order.";
                }

                open.RemoveAt(0);
            }
            else if (open.Count > 0)
            {
                return "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'.";
            }

            var refusal = role switch
            {
                "system" when index > 0 => "System message must be at the beginning.",
                "user" when last == "tool" => "Unexpected role 'user' after role 'tool'",
                "user" when last is not ("system" or "assistant") => Alternate,
                "assistant" when last is not ("user" or "tool") => Alternate,
                _ when role != "tool" && calls.Count == 0 && IsBlank(message) => $"messages.{index}: the content must not be empty",
                _ => null,
            };
            if (refusal is not null)
            {
                return refusal;
            }

            foreach (var call in calls)
            {
                var id = call.GetProperty("id").GetString()!;
                open.Add(id);
                if (!seen.Add(id))
                {
                    return $"messages.{index}: the id {id} is that of another call";
                }

                if (!IsObject(call.GetProperty("function").GetProperty("arguments").GetString()!))
                {
                    return $"messages.{index}: the arguments of a call must be a JSON object";
                }
            }

            last = role;
        }

        return last is "user" or "tool" && open.Count == 0
            ? null
            : $"Expected last role User or Tool (or Assistant with prefix True) for serving but got {last}";
    }

    /// <summary>What Anthropic's server says against it; <c>null</c>: nothing.</summary>
    public static string? Anthropic(JsonElement body)
    {
        var last = "assistant";
        List<string> open = [];
        HashSet<string> seen = [];
        foreach (var (index, message) in body.GetProperty("messages").EnumerateArray().Index())
        {
            var role = message.GetProperty("role").GetString()!;
            List<JsonElement> blocks = message.GetProperty("content") is { ValueKind: JsonValueKind.Array } list
                ? [.. list.EnumerateArray()]
                : [];
            if (role == last)
            {
                return Alternate;
            }

            var answered = blocks.Where(block => TypeOf(block) == "tool_result")
                .Select(block => block.GetProperty("tool_use_id").GetString()!)
                .ToList();
            if (!answered.SequenceEqual(open))
            {
                return "`tool_use` ids were found without `tool_result` blocks immediately after";
            }

            open = [.. blocks.Where(block => TypeOf(block) == "tool_use").Select(block => block.GetProperty("id").GetString()!)];
            if (open.Exists(id => !seen.Add(id)))
            {
                return "`tool_use` ids must be unique";
            }

            if (open.Exists(id => !id.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-')))
            {
                return $"messages.{index}: String should match pattern '^[a-zA-Z0-9_-]+$'";
            }

            if (blocks.Exists(block => TypeOf(block) == "text" && string.IsNullOrWhiteSpace(block.GetProperty("text").GetString())))
            {
                return "messages: text content blocks must contain non-whitespace text";
            }

            last = role;
        }

        return last == "user"
            ? null
            : "This model does not support assistant message prefill. The conversation must end with a user message.";
    }

    private const string Alternate = "Conversation roles must alternate user/assistant/user/assistant/...";

    private static string TypeOf(JsonElement block) => block.GetProperty("type").GetString()!;

    private static bool IsBlank(JsonElement message) => message.GetProperty("content") switch
    {
        { ValueKind: JsonValueKind.String } text => string.IsNullOrWhiteSpace(text.GetString()),
        { ValueKind: JsonValueKind.Array } => false,
        _ => true,
    };

    private static bool IsObject(string json)
    {
        try
        {
            return JsonElement.Parse(json).ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
