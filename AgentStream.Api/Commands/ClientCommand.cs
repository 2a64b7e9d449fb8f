using AgentStream.Messaging.Protocol;

namespace AgentStream.Api.Commands;

/// <summary>A client's request over a socket. Closed: one of the records below.</summary>
internal abstract record ClientCommand
{
    private protected ClientCommand()
    {
    }
}

internal sealed record ChatCommand(ChatPayload Payload) : ClientCommand;

internal sealed record CancelCommand(CancelPayload Payload) : ClientCommand;

internal sealed record ApprovalCommand(ToolApprovalPayload Payload) : ClientCommand;

internal sealed record ResultCommand(ToolResultPayload Payload) : ClientCommand;

internal sealed record PingCommand : ClientCommand;
