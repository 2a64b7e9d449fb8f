using System.Text.Json;

namespace AgentStream.Api.Wires.Mcp;

/// <summary>The schemas of what goes into an agent, comes out of it, and is asked meanwhile.</summary>
internal static class McpSchemas
{
    public static JsonElement Input { get; } = JsonElement.Parse(
        """
        {"type":"object","properties":{
        "message":{"type":"string","minLength":1,"description":"What the agent is asked or told to do."},
        "session_id":{"type":"string","pattern":"^[A-Za-z0-9_-]{1,128}$","description":"Goes on in the conversation of an earlier call."}
        },"required":["message"],"additionalProperties":false}
        """);

    public static JsonElement Output { get; } = JsonElement.Parse(
        """
        {"type":"object","properties":{
        "answer":{"type":"string"},
        "session_id":{"type":"string","description":"To go on in this conversation."},
        "run_id":{"type":"string"}
        },"required":["session_id","run_id"]}
        """);

    public static JsonElement Approval { get; } = JsonElement.Parse(
        """
        {"type":"object","properties":{
        "approved":{"type":"boolean","title":"Let it run"},
        "reason":{"type":"string","title":"Reason, which the agent is told"}
        },"required":["approved"]}
        """);
}
