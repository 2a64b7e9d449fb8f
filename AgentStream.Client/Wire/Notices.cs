namespace AgentStream.Client.Wire;

/// <summary>First of all frames, and again where the log goes on in another epoch.</summary>
internal sealed record ConnectedNotice(string Epoch, long LastSeq, bool Resumed);

/// <summary>How far the log is.</summary>
internal sealed record HeartbeatNotice(string Epoch, long LastSeq);

/// <summary>The store is in trouble, or well again.</summary>
internal sealed record StatusNotice(string State, string? Message);

/// <summary>Something was not taken.</summary>
internal sealed record ErrorNotice(string Code, string? Message, string? MessageId, int? RetryAfter);

/// <summary>A frame that says nothing that this client needs: an answer to its question, or what a later server says.</summary>
internal sealed record OtherNotice
{
    public static OtherNotice Instance { get; } = new();
}
