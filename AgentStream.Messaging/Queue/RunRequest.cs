using System.Text.Json;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Messaging.Queue;

/// <summary>A message that wants a run: all that the worker which claims it will know.</summary>
internal sealed record RunRequest
{
    public required SessionId SessionId { get; init; }

    /// <summary>Made by who enqueues; counts only if the message is no duplicate.</summary>
    public required RunId RunId { get; init; }

    public required MessageId MessageId { get; init; }

    /// <summary>Becomes the owner of the session if this is its first entry.</summary>
    public required PrincipalId Owner { get; init; }

    public required string Message { get; init; }

    public required string AgentName { get; init; }

    public bool EnableReasoning { get; init; } = true;

    /// <summary>The number of model replies that the run may take.</summary>
    public int MaxIterations { get; init; } = 20;

    public string? Model { get; init; }

    public double? Temperature { get; init; }

    public int? MaxTokens { get; init; }

    public JsonElement? Context { get; init; }

    /// <summary>
    /// An earlier conversation, oldest first, that stands in for the session's own in this run; <c>null</c>: the session's own.
    /// </summary>
    public IReadOnlyList<HistoryMessage>? History { get; init; }

    /// <summary>Tools that the caller executes; <c>null</c>: none.</summary>
    public IReadOnlyList<ClientTool>? Tools { get; init; }

    /// <summary>The files that came with it, added to the session before; <c>null</c>: none.</summary>
    public IReadOnlyList<Attachment>? Attachments { get; init; }

    /// <summary>
    /// The run that this one stands in for; it and all that were queued after it leave the conversation.
    /// One that the session does not know is refused.
    /// </summary>
    public RunId? ReplacesRunId { get; init; }

    /// <summary>W3C trace context of whoever hands the run on: the click, then the span that put it into the queue.</summary>
    public string? Traceparent { get; init; }

    public string? Tracestate { get; init; }

    /// <summary>The time at which the message was taken, by the clock of the process that took it.</summary>
    public DateTimeOffset? QueuedAt { get; init; }

    public OnBusy OnBusy { get; init; }

    /// <summary>
    /// The run that may take the message up at its next step. The store sets it, and no one else, where the message is to steer.
    /// </summary>
    public RunId? SteersRunId { get; init; }
}
