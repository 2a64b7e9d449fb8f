using AgentStream.Access;
using AgentStream.Api.Commands;

namespace AgentStream.Api.Access;

/// <summary>What a client of a socket may do, asked for each command: a socket may outlive the right to it.</summary>
internal sealed class CommandPermit(Caller caller, ICallerStanding standing)
{
    /// <summary>The scope that a command takes.</summary>
    public static Scopes ScopeOf(ClientCommand command) => command switch
    {
        PingCommand => Scopes.Read,
        ChatCommand or CancelCommand or ResultCommand => Scopes.Chat,
        ApprovalCommand => Scopes.Approve,
        _ => throw new InvalidOperationException($"Nobody has said who may give {command.GetType().Name}."),
    };

    /// <summary>The reason why the command is refused; <c>null</c>: it may go on.</summary>
    public Refusal? Check(ClientCommand command)
        => !standing.IsGood(caller) ? CallerRefusals.Unauthenticated
            : !caller.Has(ScopeOf(command)) ? CallerRefusals.Forbidden
            : null;
}
