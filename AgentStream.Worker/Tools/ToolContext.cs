using AgentStream.Messaging;

namespace AgentStream.Worker.Tools;

/// <summary>
/// What a tool may know about the call it serves.
/// A tool method takes it as an ordinary parameter, which never appears in the schema that the model sees;
/// it travels in <c>AIFunctionArguments.Context</c>, so that functions which don't ask for it (MCP tools, say) are not disturbed.
/// </summary>
/// <param name="SessionId">The session the run belongs to: 1 to 128 of <c>A-Z a-z 0-9 _ -</c>.</param>
/// <param name="RunId">The run.</param>
/// <param name="ToolCallId">
/// Our own id of the call, the same after a takeover: what a tool with a side effect can use to recognise a repeated call.
/// </param>
public sealed record ToolContext(string SessionId, string RunId, string ToolCallId)
{
    /// <summary>
    /// The owner of the session.
    /// An id may be used again by somebody else once its session is erased or has expired:
    /// what a tool keeps for a session it keeps for both. Default: everybody's (<c>anonymous</c>).
    /// </summary>
    public string Owner { get; init; } = PrincipalId.Anonymous.Value;

    /// <summary>Takes what the tool says before it is done. Default: nobody watches.</summary>
    public ToolOutput Output { get; init; } = new();
}
