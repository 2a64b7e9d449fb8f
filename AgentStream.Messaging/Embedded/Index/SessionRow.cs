using AgentStream.Messaging.Log;

namespace AgentStream.Messaging.Embedded.Index;

/// <summary>The line of a session in memory in the list of sessions.</summary>
internal sealed record SessionRow
{
    public required SessionHead Head { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    public required int Messages { get; init; }

    public required bool Busy { get; init; }

    public SessionSummary ToSummary() => new()
    {
        SessionId = Head.SessionId,
        Owner = Head.Owner ?? PrincipalId.Anonymous,
        Title = Head.Title ?? "",
        CreatedAt = CreatedAt,
        UpdatedAt = UpdatedAt,
        LastSeq = Head.LastSeq,
        Messages = Messages,
        Busy = Busy,
    };
}
