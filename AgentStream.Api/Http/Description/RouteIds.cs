namespace AgentStream.Api.Http.Description;

/// <summary>The names of the identifiers in routes.</summary>
internal static class RouteIds
{
    public const string Session = "session_id";
    public const string Run = "run_id";
    public const string ToolCall = "tool_call_id";
    public const string Link = "link_id";
    public const string Attachment = "attachment_id";
}
