using System.Text.Json;

namespace AgentStream.Client;

/// <summary>What may be said with a message.</summary>
public sealed record AskOptions
{
    /// <summary>The agent that is asked; <c>null</c>: the server's <c>assistant</c>.</summary>
    public string? Agent { get; init; }

    /// <summary>
    /// The id of the message, unique in its session; <c>null</c>: a random one.
    /// Asking again under the same id, from another process too, starts nothing twice.
    /// </summary>
    public string? MessageId { get; init; }

    /// <summary>Whether thoughts and tool steps are written to the log. Default: yes.</summary>
    public bool EnableReasoning { get; init; } = true;

    /// <summary>The number of model replies that the run may take, 1 to 200; <c>null</c>: 20.</summary>
    public int? MaxIterations { get; init; }

    /// <summary>Another model than the agent's own.</summary>
    public string? Model { get; init; }

    /// <summary>Passed to the model, 0 to 2.</summary>
    public double? Temperature { get; init; }

    /// <summary>The most tokens that one reply may have.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>An object that the agent is told beside the message.</summary>
    public JsonElement? Context { get; init; }

    /// <summary>An earlier conversation, oldest first, that stands in for the session's own in this run.</summary>
    public IReadOnlyList<HistoryMessage>? History { get; init; }

    /// <summary>The files that come with it, by their ids: added before with <see cref="AgentSession.AddAttachmentAsync"/>.</summary>
    public IReadOnlyList<string>? Attachments { get; init; }

    /// <summary>Tools of this program that the agent may call in this run.</summary>
    public IReadOnlyList<ClientTool>? Tools { get; init; }

    /// <summary>
    /// Hears of calls of <see cref="Tools"/> that threw, or whose result the server does not take; the model is told that they failed.
    /// </summary>
    public Action<ClientToolCall, Exception>? ToolFailed { get; init; }

    /// <summary>The run that this message replaces: it, and all after it, leave the conversation.</summary>
    public string? ReplacesRunId { get; init; }

    /// <summary>What happens where the session is busy. Default: it waits for its turn.</summary>
    public OnBusy OnBusy { get; init; }
}

/// <summary>A message of an earlier conversation.</summary>
/// <param name="Role"><c>user</c> or <c>assistant</c>.</param>
/// <param name="Content">What was said.</param>
public sealed record HistoryMessage(string Role, string Content);
