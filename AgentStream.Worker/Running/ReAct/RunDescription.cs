using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;
using AgentStream.Messaging.Transcript;
using AgentStream.Worker.Agents;
using AgentStream.Worker.Models.Pricing;
using AgentStream.Worker.Running.Attachments;
using AgentStream.Worker.Running.Context;
using AgentStream.Worker.Running.Delegation;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Running.ReAct;

/// <summary>
/// All that the loop needs to know about a run. Whose lease it runs under, and where its steps are kept, is not for the loop to know.
/// </summary>
internal sealed record RunDescription
{
    /// <summary>The message, and what was asked for with it.</summary>
    public required RunRequest Request { get; init; }

    /// <summary>Counts the attempts at this run from 1, as people are told.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>
    /// Counts how often the run was begun or gone on with, from 1: makes the step ids of one time differ from those of all others.
    /// </summary>
    public int ClaimNumber { get; init; } = 1;

    /// <summary>The time at which the run was first begun.</summary>
    public required DateTimeOffset FirstStartedAt { get; init; }

    /// <summary>The time that the run has waited for people in all: it counts for no limit. Default: not at all.</summary>
    public TimeSpan Parked { get; init; }

    /// <summary>The decisions about calls that this run has asked about, in the order in which it asked. Default: none.</summary>
    public IReadOnlyList<ToolApprovalResolved> Approvals { get; init; } = [];

    /// <summary>The records of earlier attempts, in order. Default: none.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Checkpoints { get; init; } = [];

    /// <summary>Steps that a lost attempt showed and that no checkpoint covers. Default: none.</summary>
    public IReadOnlyList<OpenStep> Unsettled { get; init; } = [];

    /// <summary>Cancelling was asked for before this attempt began.</summary>
    public bool CancelRequested { get; init; }

    /// <summary>The conversation before it, each turn of it read once. Default: none.</summary>
    public IReadOnlyList<HistoryTurn> Turns { get; init; } = [];

    /// <summary>What the model gets of the files that came with its messages. Default: there are none.</summary>
    public AttachedContents Attached { get; init; } = AttachedContents.None;

    /// <summary>
    /// With the tools that there are when it is set, for the whole run:
    /// one that came in between would be called without the questions that come before a call.
    /// </summary>
    public required AgentDefinition Agent { get; init => field = value with { Tools = [.. value.Tools] }; }

    public required IChatClient Client { get; init; }

    /// <summary>The model's name as people see it.</summary>
    public required string Model { get; init; }

    /// <summary>The provider's name for it; <c>null</c> leaves it to the client.</summary>
    public string? ModelId { get; init; }

    /// <summary>The provider of the model, in telemetry (<c>gen_ai.provider.name</c>).</summary>
    public string? Provider { get; init; }

    public string? TraceId { get; init; }

    /// <summary>The W3C trace context of this attempt, for the next one to link to; <c>null</c>: nobody traces.</summary>
    public string? Traceparent { get; init; }

    /// <summary>The number of tokens that the model takes in at once.</summary>
    public int ContextTokens { get; init; } = ContextWindows.Default;

    /// <summary>What models cost; <c>null</c>: nobody knows.</summary>
    public ModelPrices? Prices { get; init; }

    /// <summary>What a reply has cost; <c>null</c>: its model has no price.</summary>
    public decimal? PriceOf(TokenUsage usage) => Prices?.Of(usage, usage.Model == Model ? Provider : null);

    /// <summary>Tells whether the model can be asked for a summary. The demo model can't: it understands nothing.</summary>
    public bool CanSummarise { get; init; } = true;

    /// <summary>The agents that can be asked to do a part of it; <c>null</c>: nobody.</summary>
    public SubAgents? SubAgents { get; init; }

    /// <summary>Asks for the messages that came for this run meanwhile; <c>null</c>: none can.</summary>
    public Func<ValueTask<IReadOnlyList<RunRequest>>>? ReadSteering { get; init; }

    /// <summary>Set where it is itself a part of another run.</summary>
    public Nesting? Nesting { get; init; }
}
