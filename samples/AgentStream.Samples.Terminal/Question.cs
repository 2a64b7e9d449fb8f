using System.Text.Json;
using AgentStream.Client;

namespace AgentStream.Samples.Terminal;

/// <summary>A tool call that waits for a person.</summary>
/// <param name="RunId">Whose call it is.</param>
/// <param name="CallId">Which one.</param>
/// <param name="Text">What is asked.</param>
internal sealed record Question(string RunId, string CallId, string Text)
{
    public static Question Of(ToolApprovalRequired asked) => Of(asked.RunId, asked.ToolCallId, asked.ToolName, asked.Arguments);

    public static Question Of(string runId, PendingApproval asked) => Of(runId, asked.ToolCallId, asked.ToolName, asked.Arguments);

    private static Question Of(string runId, string callId, string tool, JsonElement? arguments)
        => new(runId, callId, $"{tool} wants to be called with {arguments?.GetRawText()}");
}
