using System.Text.Json;
using AgentStream.Messaging;

namespace AgentStream.Api.Wires.AgUi;

/// <summary>What a client calls its thread and its run, and what it has before the run.</summary>
/// <param name="SessionId">The session.</param>
/// <param name="ThreadId">The thread.</param>
/// <param name="RunId">The run.</param>
/// <param name="Before">The messages up to the question, that included.</param>
internal sealed record AgUiThread(SessionId SessionId, string ThreadId, string RunId, IReadOnlyList<JsonElement> Before)
{
    /// <summary>The ids of thoughts that the client has and the run may not have any more.</summary>
    public IReadOnlyList<string> Thoughts { get; init; } = [];

    /// <summary>The results that the client has of calls of the run, by the calls.</summary>
    public IReadOnlyDictionary<string, AgUiResult> Results { get; init; } = new Dictionary<string, AgUiResult>();
}

/// <summary>The result of a call, as a client has it.</summary>
/// <param name="Id">The client's id of the message.</param>
/// <param name="Content">The text.</param>
/// <param name="Error">What went wrong; <c>null</c>: nothing.</param>
internal sealed record AgUiResult(string Id, string Content, string? Error);

/// <summary>An agent that works inside a call of another.</summary>
/// <param name="Started">The event that told of it.</param>
/// <param name="Call">The call.</param>
internal sealed record AgUiSubagent(AgUiEvent Started, string? Call);
