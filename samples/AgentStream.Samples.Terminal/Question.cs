using System.Text.Json;

namespace AgentStream.Samples.Terminal;

/// <summary>A tool call that waits for a person.</summary>
/// <param name="RunId">Whose call it is.</param>
/// <param name="CallId">Which one.</param>
/// <param name="Text">What is asked.</param>
internal sealed record Question(string RunId, string CallId, string Text)
{
    /// <param name="runId">The run.</param>
    /// <param name="data">The data of <c>tool_approval_required</c>, or one of a snapshot's <c>pending_approvals</c>.</param>
    public static Question Of(string runId, JsonElement data)
    {
        var given = data.TryGetProperty("arguments", out var value) ? value.GetRawText() : "";
        return new Question(
            runId, Frame.TextOf(data, "tool_call_id")!, $"{Frame.TextOf(data, "tool_name")} wants to be called with {given}");
    }
}
