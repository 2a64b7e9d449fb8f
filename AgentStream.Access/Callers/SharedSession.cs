using AgentStream.Messaging;

namespace AgentStream.Access;

/// <summary>The one session that a link shows.</summary>
/// <param name="Id">The session.</param>
/// <param name="Owner">Who shares it: it is shown for as long as it is theirs.</param>
internal sealed record SharedSession(SessionId Id, PrincipalId Owner)
{
    /// <summary>Reads what a claim or a ticket has; <c>null</c>: neither is there.</summary>
    /// <exception cref="FormatException">Only one of them is there, or is none.</exception>
    internal static SharedSession? Read(string? id, string? owner)
        => id is null && owner is null ? null : new SharedSession(SessionId.Parse(id ?? ""), PrincipalId.Parse(owner ?? ""));
}
