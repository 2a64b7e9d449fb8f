using System.Text.Json.Serialization;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Messaging.Session;

/// <summary>The run that was claimed at least once and is not over: a session has one at most.</summary>
internal sealed record ClaimedRun
{
    public required KnownRun Known { get; init; }

    public required DateTimeOffset FirstStartedAt { get; init; }

    /// <summary>Who claimed it last.</summary>
    public string Worker { get; init; } = "";

    /// <summary>The number of times it was claimed.</summary>
    public int Claims { get; init; }

    /// <summary>The number of times it was handed back.</summary>
    public int Releases { get; init; }

    /// <summary>
    /// The end of the run if it is cancelled while it is parked; <c>null</c>: it is not parked.
    /// A parked run stays so until somebody claims it.
    /// </summary>
    public RunFinished? IfCancelled { get; init; }

    public DateTimeOffset ParkedAt { get; init; }

    /// <summary>The time for which it was parked, until it was claimed last.</summary>
    public TimeSpan Parked { get; init; }

    /// <summary>What it asked people, in the order in which it asked.</summary>
    public IReadOnlyList<Approval> Approvals { get; init; } = [];

    /// <summary>How many checkpoints it has.</summary>
    public int Checkpoints { get; init; }

    /// <summary>The size of its message and of its checkpoints.</summary>
    public long Bytes { get; init; }

    /// <summary>Nobody has it, and nobody may write for it.</summary>
    [JsonIgnore]
    public bool IsParked => IfCancelled is not null;

    /// <summary>It waits for people: it can't be claimed.</summary>
    [JsonIgnore]
    public bool IsWaiting => IsParked && Open.Any();

    /// <summary>The questions that nobody has answered, in the order in which they were asked.</summary>
    [JsonIgnore]
    public IEnumerable<ToolApprovalRequired> Open
        => Approvals.Where(approval => approval.Decision is null).Select(approval => approval.Question);

    public Approval? ApprovalOf(ToolCallId id) => Approvals.FirstOrDefault(approval => approval.Question.ToolCallId == id);

    public ClaimedRun Unpark(DateTimeOffset at) => IsParked
        ? this with { IfCancelled = null, Parked = Parked + (at > ParkedAt ? at - ParkedAt : TimeSpan.Zero) }
        : this;

    public ClaimedRun Ask(ToolApprovalRequired question) => this with
    {
        Approvals = [.. Approvals.Where(other => other.Question.ToolCallId != question.ToolCallId), new Approval(question, null)],
    };

    public ClaimedRun Resolve(ToolApprovalResolved decision) => this with
    {
        Approvals =
        [
            .. Approvals.Select(
                approval => approval.Question.ToolCallId == decision.ToolCallId ? approval with { Decision = decision } : approval),
        ],
    };
}

/// <summary>A question of a run to people, and what was decided.</summary>
internal sealed record Approval(ToolApprovalRequired Question, ToolApprovalResolved? Decision);
