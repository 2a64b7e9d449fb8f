using AgentStream.Messaging.Queue;
using AgentStream.Worker.Agents;
using AgentStream.Worker.Running.Context;
using AgentStream.Worker.Running.Delegation;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Running.ReAct;

/// <summary>All that the loop needs to know about a run.</summary>
internal sealed record RunDescription
{
    public required RunClaim Claim
    {
        get;
        init
        {
            field = value;
            Turns = [.. value.Conversation.Select(turn => new HistoryTurn(turn))];
        }
    }

    /// <summary>The conversation before it, each turn of it read once.</summary>
    public IReadOnlyList<HistoryTurn> Turns { get; private init; } = [];

    /// <summary>With the tools that there are when it is set, for the whole run: one that came in between would be called without the questions that come before a call.</summary>
    public required AgentDefinition Agent { get; init => field = value with { Tools = [.. value.Tools] }; }

    public required IChatClient Client { get; init; }

    /// <summary>The model's name as people see it.</summary>
    public required string Model { get; init; }

    /// <summary>What the provider calls it; <c>null</c> leaves it to the client.</summary>
    public string? ModelId { get; init; }

    /// <summary>Whose model it is, in telemetry (<c>gen_ai.provider.name</c>).</summary>
    public string? Provider { get; init; }

    public string? TraceId { get; init; }

    /// <summary>How many tokens the model takes in at once.</summary>
    public int ContextTokens { get; init; } = ContextWindows.Default;

    /// <summary>Whether the model can be asked for a summary. The demo model can't: it understands nothing.</summary>
    public bool CanSummarise { get; init; } = true;

    /// <summary>Who can be asked to do a part of it; <c>null</c>: nobody.</summary>
    public SubAgents? SubAgents { get; init; }

    /// <summary>Set where it is itself a part of another run.</summary>
    public Nesting? Nesting { get; init; }

    public RunRequest Request => Claim.Request;
}
