using System.Text.Json.Nodes;
using AgentStream.Worker.Models.Wire.Replies;

namespace AgentStream.Worker.Models.OpenAICompatible.Wire;

/// <summary>
/// The form that calls had before <c>tool_calls</c>.
/// Some servers still speak it, and then know no other (ChatGLM3's refuses the role <c>tool</c>):
/// <code>
/// {"role":"assistant","content":"","function_call":{"name":"look","arguments":"{}"}}
/// {"role":"function","name":"look","content":"nothing there"}
/// </code>
/// Calls had no ids: the one that they get here tells later that they came so.
/// </summary>
internal static class FunctionCallForm
{
    /// <summary>The beginning of the ids of such calls.</summary>
    public const string IdPrefix = "fncall_";

    public static string NewId() => $"{IdPrefix}{Guid.NewGuid():N}"[..31];

    /// <summary>Writes the calls of a prompt and their results in this form, each result after its call.</summary>
    public static void Apply(JsonObject body)
    {
        if (body["messages"] is not JsonArray messages)
        {
            return;
        }

        var results = messages.OfType<JsonObject>().Where(IsResult).ToLookup(IdOf);
        var others = messages.OfType<JsonObject>().Where(message => !IsResult(message));
        body["messages"] = new JsonArray([.. others.SelectMany(message => Rewrite(message, results))]);
    }

    private static IEnumerable<JsonNode> Rewrite(JsonObject message, ILookup<string, JsonObject> results)
    {
        if (message["tool_calls"] is not JsonArray calls)
        {
            yield return message.DeepClone();
            yield break;
        }

        var text = JsonText.Of(message["content"]) ?? "";
        foreach (var call in calls.OfType<JsonObject>())
        {
            yield return new JsonObject { ["role"] = "assistant", ["content"] = text, ["function_call"] = call["function"]?.DeepClone() };
            text = "";
            foreach (var result in results[JsonText.Plain(call["id"]) ?? ""])
            {
                yield return new JsonObject
                {
                    ["role"] = "function",
                    ["name"] = call["function"]?["name"]?.DeepClone(),
                    ["content"] = JsonText.Of(result["content"]) ?? "",
                };
            }
        }
    }

    private static bool IsResult(JsonObject message) => JsonText.Plain(message["role"]) == "tool";

    private static string IdOf(JsonObject result) => JsonText.Plain(result["tool_call_id"]) ?? "";
}
