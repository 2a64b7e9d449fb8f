namespace AgentStream.Client;

/// <summary>Something that happened in a session, or to the connection with it.</summary>
/// <remarks>Later versions of the server and of this package know more of them: ignore what you do not know.</remarks>
public abstract record AgentEvent
{
    private protected AgentEvent()
    {
    }
}

/// <summary>The connection is there.</summary>
public sealed record ConnectionOpened : AgentEvent
{
    /// <summary>Whether it goes on where the last one ended; otherwise a <see cref="SnapshotReceived"/> follows.</summary>
    public required bool Resumed { get; init; }

    /// <summary>The number of entries that were missed and now follow.</summary>
    public required long Missed { get; init; }
}

/// <summary>The connection was lost. Nothing needs to be done: it is tried again after a pause.</summary>
public sealed record ConnectionLost : AgentEvent
{
    /// <summary>The time until the next attempt.</summary>
    public required TimeSpan Pause { get; init; }

    /// <summary>Counts the attempts since the connection was there, from 1.</summary>
    public required int Attempt { get; init; }
}

/// <summary>The server can't reach its store, or can again. It stays connected meanwhile.</summary>
public sealed record StatusChanged : AgentEvent
{
    /// <summary>Whether the store can't be reached.</summary>
    public required bool IsDegraded { get; init; }

    /// <summary>A sentence for people.</summary>
    public required string Message { get; init; }
}

/// <summary>A message was taken: its run will come to an end, whatever happens to this client.</summary>
public sealed record MessageAccepted : AgentEvent
{
    /// <summary>The message.</summary>
    public required string MessageId { get; init; }

    /// <summary>Its run.</summary>
    public required string RunId { get; init; }

    /// <summary>The offset of its <see cref="RunQueued"/>.</summary>
    public required long Seq { get; init; }

    /// <summary>The message had been taken before; nothing was started by sending it again.</summary>
    public bool Duplicate { get; init; }
}

/// <summary>The server did not take something.</summary>
public sealed record RequestRefused : AgentEvent
{
    /// <summary>The code of the reason, in snake_case, for programs.</summary>
    public required string Code { get; init; }

    /// <summary>A sentence for people that says what to do.</summary>
    public required string Message { get; init; }

    /// <summary>The message that was refused; <c>null</c>: it was something else.</summary>
    public string? MessageId { get; init; }

    /// <summary>The seconds to wait before it is tried again; <c>null</c>: waiting does not help.</summary>
    public int? RetryAfter { get; init; }
}

/// <summary>
/// The state of the session, in place of events: forget those that came before, and take this.
/// It comes first where there is no cursor to go on from, and where the server can't go on from the one that there is.
/// </summary>
public sealed record SnapshotReceived : AgentEvent
{
    /// <summary>The state.</summary>
    public required SessionSnapshot Snapshot { get; init; }

    /// <summary>The reason why events can't follow those that came before; <c>null</c>: none came before.</summary>
    public ResyncReason? Reason { get; init; }
}
