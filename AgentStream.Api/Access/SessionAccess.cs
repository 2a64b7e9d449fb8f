using System.Diagnostics.CodeAnalysis;
using AgentStream.Api.Commands;
using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Api.Access;

/// <summary>
/// The one point where it is decided who may do what with a session. An id from the wire names a session and permits nothing.
/// </summary>
[SuppressMessage(
    "Performance", "CA1822:Mark members as static", Justification = "A service: it will ask others once there is authentication.")]
internal sealed class SessionAccess
{
    /// <summary>The principal that asks. While authentication is off, everybody is <see cref="PrincipalId.Anonymous"/>.</summary>
    public PrincipalId PrincipalOf(HttpContext context) => PrincipalId.Anonymous;

    /// <summary>
    /// The reason why <paramref name="principal"/> may not; <c>null</c>: it may.
    /// A session that nobody wrote to is open to all: whoever writes first owns it.
    /// </summary>
    public Refusal? Check(PrincipalId principal, SessionHead head, SessionOperation operation)
        => head.Owner is null || head.Owner == principal
            ? null
            : Refuse(operation);

    /// <summary>What somebody is told who is not the owner.</summary>
    public static Refusal Refuse(SessionOperation operation)
        => new(ErrorCodes.Forbidden, operation == SessionOperation.Read
            ? "This session belongs to somebody else: sign in as its owner to read it."
            : "This session belongs to somebody else: use a session of your own.");
}
