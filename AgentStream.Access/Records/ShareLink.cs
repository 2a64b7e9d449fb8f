using AgentStream.Messaging;

namespace AgentStream.Access;

/// <summary>A link by which the owner of a session shows it to whoever has the link, for reading, as it is kept.</summary>
internal sealed record ShareLink
{
    /// <summary>Names the link in lists; opens nothing.</summary>
    public required string Id { get; init; }

    public required SessionId SessionId { get; init; }

    /// <summary>Who made it. It shows the session for as long as it is theirs.</summary>
    public required PrincipalId Owner { get; init; }

    /// <summary>SHA-256 of its secret, which is random and long: nothing slower is needed.</summary>
    public required string Hash { get; init; }

    public required DateTimeOffset Created { get; init; }

    /// <summary>The time at which it ends; <c>null</c>: when it is revoked, or its session erased.</summary>
    public DateTimeOffset? Expires { get; init; }

    internal string Credential => $"link:{Id}";

    internal Caller ToCaller() => new(PrincipalIds.OfName("link", Id), "", Scopes.Read, Credential, Created, Expires)
    {
        Shared = new SharedSession(SessionId, Owner),
    };

    internal bool IsOver(DateTimeOffset now) => Expires <= now;
}
