namespace AgentStream.Api.Http.Description;

/// <summary>What the identifiers in routes are called.</summary>
internal static class RouteIds
{
    public const string Session = "session_id";
    public const string Run = "run_id";
    public const string ToolCall = "tool_call_id";
}
