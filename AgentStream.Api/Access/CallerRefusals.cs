using AgentStream.Api.Commands;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Api.Access;

/// <summary>What callers are told who may not.</summary>
internal static class CallerRefusals
{
    /// <summary>Nobody knows who calls.</summary>
    public static Refusal Unauthenticated { get; } = new(
        ErrorCodes.Unauthenticated,
        "Sign in, or send a key or token that is good: what came with this request is missing, unknown, expired or revoked.");

    /// <summary>Whoever calls lacks a scope.</summary>
    public static Refusal Forbidden { get; } = new(
        ErrorCodes.Forbidden, "You are known, and may not do this: ask an operator for the scope or the role that it takes.");

    /// <summary>There is none, or it is somebody else's: nobody is told which.</summary>
    public static Refusal NoSuchSession { get; } = new(
        ErrorCodes.SessionNotFound, "There is no such session: nobody wrote to it, or it was erased.");
}
