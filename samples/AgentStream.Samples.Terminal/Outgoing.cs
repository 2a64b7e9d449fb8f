using System.Text.Json.Nodes;

namespace AgentStream.Samples.Terminal;

/// <summary>The frames that a client sends.</summary>
internal static class Outgoing
{
    /// <summary>A question, over the socket and over HTTP alike. Sent again under the same message id, it starts nothing twice.</summary>
    public static JsonObject Message(Arguments arguments, string question, string messageId) => new()
    {
        ["message"] = question,
        ["message_id"] = messageId,
        ["agent_name"] = arguments.Agent,
        ["enable_reasoning"] = arguments.Reasoning,
    };

    public static string Chat(JsonObject message) => Frame("chat", message.DeepClone());

    public static string Cancel() => Frame("cancel", new JsonObject());

    public static string Answer(string runId, string toolCallId, bool approved, string? reason)
    {
        var payload = new JsonObject { ["run_id"] = runId, ["tool_call_id"] = toolCallId, ["approved"] = approved };
        if (!string.IsNullOrWhiteSpace(reason))
        {
            payload["reason"] = reason;
        }

        return Frame("tool_approval", payload);
    }

    private static string Frame(string type, JsonNode payload) => new JsonObject { ["type"] = type, ["payload"] = payload }.ToJsonString();
}
