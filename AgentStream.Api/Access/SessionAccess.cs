using AgentStream.Access;
using AgentStream.Messaging;
using AgentStream.Messaging.Log;

namespace AgentStream.Api.Access;

/// <summary>
/// The one point where it is decided who may do what with a session. An id from the wire names a session and permits nothing.
/// What a caller may do at all was decided before, by the policies of the endpoints and of the commands.
/// </summary>
internal sealed class SessionAccess(ICallerStanding standing)
{
    /// <summary>Whoever asks. Where nobody is asked who they are, everybody is <see cref="PrincipalId.Anonymous"/>.</summary>
    public static Caller CallerOf(HttpContext context)
        => context.GetCaller() ?? throw new InvalidOperationException("A request without a caller got past the policy of its endpoint.");

    /// <summary>The principal that asks.</summary>
    public static PrincipalId PrincipalOf(HttpContext context) => CallerOf(context).Id;

    /// <summary>What a client may do over a socket.</summary>
    public CommandPermit PermitOf(HttpContext context) => new(CallerOf(context), standing);

    /// <summary>Whether what somebody was recognised by still holds: asked again where an answer takes its time.</summary>
    public bool IsGood(HttpContext context) => standing.IsGood(CallerOf(context));

    /// <summary>
    /// Whether <paramref name="principal"/> may do anything with a session; others get the answer of one that is not there.
    /// One that nobody wrote to is open to all: whoever writes first owns it.
    /// </summary>
    public static bool May(PrincipalId principal, SessionHead head) => head.Owner is null || head.Owner == principal;

    /// <summary>
    /// Whether <paramref name="caller"/> may read a session: their own, or the one to which they have a link of its owner's,
    /// which has to be there.
    /// </summary>
    public static bool MayRead(Caller caller, SessionHead head)
        => caller.Shared is { } shared ? shared.Id == head.SessionId && shared.Owner == head.Owner : May(caller.Id, head);
}
