using System.Text.Json;

namespace AgentStream.Client;

/// <summary>A tool of the program that asks: the agent calls it, and the program executes the call, where its data is.</summary>
public sealed record ClientTool
{
    /// <summary>
    /// The name: 1 to 64 of <c>A-Z a-z 0-9 _ -</c>, each once in a message. One of the agent's own of the same name stands in its place.
    /// </summary>
    public required string Name { get; init; }

    /// <summary>What the model reads of it; <c>null</c>: nothing.</summary>
    public string? Description { get; init; }

    /// <summary>JSON schema of its arguments, an object; <c>null</c>: it takes none.</summary>
    public JsonElement? Parameters { get; init; }

    /// <summary>
    /// Executes a call, beside the reading: once in each program that asks. Asking again under the same <see cref="AskOptions.MessageId"/>,
    /// from a program that was started anew, executes what has no result yet. <c>null</c>: whoever reads the events does, and answers with
    /// <see cref="AgentSession.GiveToolResultAsync"/>.
    /// </summary>
    public Func<ClientToolCall, CancellationToken, ValueTask<ClientToolResult>>? Execute { get; init; }
}

/// <summary>A call of a <see cref="ClientTool"/>.</summary>
/// <param name="RunId">The run.</param>
/// <param name="ToolCallId">The call.</param>
/// <param name="ToolName">The tool.</param>
/// <param name="Arguments">The arguments, as its schema has them; <c>null</c>: there are none.</param>
public sealed record ClientToolCall(string RunId, string ToolCallId, string ToolName, JsonElement? Arguments);

/// <summary>What came of a call.</summary>
/// <param name="Text">What the model reads: at most 64,000 characters.</param>
/// <param name="IsError">Whether the call failed.</param>
public sealed record ClientToolResult(string Text, bool IsError = false)
{
    /// <summary>The result of a call that went well.</summary>
    /// <param name="text">What the model reads.</param>
    public static implicit operator ClientToolResult(string text) => new(text);
}
