using System.Text.Json.Serialization;
using AgentStream.Messaging.Log;

namespace AgentStream.Messaging.Session;

/// <summary>What the rules know of one session: small, and never changed but replaced (<see cref="LedgerFold"/>).</summary>
/// <remarks>
/// What is large or many (requests, checkpoints, runs that are over) is no part of it: each home keeps that where it is looked up by id.
/// </remarks>
internal sealed record LedgerState
{
    public required Epoch Epoch { get; init; }

    /// <summary>The epochs that this one goes on from, the oldest first.</summary>
    public IReadOnlyList<FormerEpoch> Former { get; init; } = [];

    /// <summary>The process, or the life of the server, in which the epoch began; <c>null</c>: not known.</summary>
    public string? Process { get; init; }

    public required PrincipalId Owner { get; init; }

    public Offset TrimmedThrough { get; init; }

    /// <summary>The newest fencing token.</summary>
    public long LastToken { get; init; }

    /// <summary>The run that was claimed at least once and is not over.</summary>
    public ClaimedRun? Started { get; init; }

    /// <summary>The runs that wait for their turn, the next first.</summary>
    public IReadOnlyList<WaitingRun> Waiting { get; init; } = [];

    /// <summary>The conversation for prompts, in the order in which its runs ended.</summary>
    public IReadOnlyList<KeptTurn> Turns { get; init; } = [];

    /// <summary>Ends of runs at which none was under way, oldest first: where the log may be cut.</summary>
    public IReadOnlyList<CutPoint> CutPoints { get; init; } = [];

    [JsonIgnore]
    public Offset LastSeq { get; init; }

    /// <summary>What each append of the run under way changes.</summary>
    [JsonIgnore]
    public RunProgress Progress { get; init; } = RunProgress.None;

    /// <summary>Whether any run is not over, one that waits for people included.</summary>
    [JsonIgnore]
    public bool Busy => Started is not null || Waiting.Count > 0;

    /// <summary>Whether it is somebody's; <c>null</c>: it may be anybody's.</summary>
    public bool IsOf(PrincipalId? owner) => owner is null || owner == Owner;

    /// <summary>What goes on in it, for the list of sessions.</summary>
    [JsonIgnore]
    public SessionActivity Activity
        => Started is { } run ? run.IsWaiting ? SessionActivity.Waiting : SessionActivity.Running
            : Waiting.Count > 0 ? SessionActivity.Queued
            : SessionActivity.Idle;

    /// <summary>
    /// Whether a run can be claimed at once, whatever the time is: one waits and none is under way,
    /// or the one under way has nobody and waits for nobody.
    /// </summary>
    [JsonIgnore]
    public bool IsReady => Started is { } run ? !run.IsWaiting && (run.IsParked || run.Known.Token == 0) : Waiting.Count > 0;

    /// <summary>The run under way, or else the first that waits.</summary>
    [JsonIgnore]
    public KnownRun? Next => Started?.Known ?? (Waiting is [var first, ..] ? first.Known : null);

    /// <summary>The runs that are not over.</summary>
    [JsonIgnore]
    public IEnumerable<KnownRun> Unfinished => Waiting.Select(run => run.Known).Concat(Started is { } run ? [run.Known] : []);

    /// <summary>The waiting runs whose messages the run may take up, in the order in which they came.</summary>
    public IEnumerable<RunId> SteeringOf(RunId runId) => Waiting.Where(run => run.Steers == runId).Select(run => run.Known.RunId);

    /// <summary>The first entry of all runs that are not over; <c>null</c> where all are.</summary>
    [JsonIgnore]
    public Offset? FirstOfUnfinished => Busy ? Unfinished.Min(run => run.Seq) : null;

    /// <summary>The time at which the first open question of a parked run expires; <c>null</c> where none is open.</summary>
    [JsonIgnore]
    public DateTimeOffset? NextExpiry => Started is { IsWaiting: true } run ? run.Open.Min(question => question.ExpiresAt) : null;

    /// <summary>The runs whose requests and checkpoints are still of use, and how many checkpoints each has.</summary>
    [JsonIgnore]
    public IEnumerable<(RunId RunId, int Checkpoints)> Recorded =>
    [
        .. Turns.Select(turn => (turn.RunId, turn.Checkpoints)),
        .. Started is { } run ? [(run.Known.RunId, run.Checkpoints)] : Array.Empty<(RunId, int)>(),
        .. Waiting.Select(run => (run.Known.RunId, 0)),
    ];

    /// <summary>A session before its first entry.</summary>
    public static LedgerState New(Epoch epoch, string? process, PrincipalId owner)
        => new() { Epoch = epoch, Process = process, Owner = owner };
}

/// <summary>A run that waits for its turn.</summary>
/// <param name="Known">What is known of it.</param>
/// <param name="Bytes">The size of its message.</param>
/// <param name="Steers">The run that may take its message up; <c>null</c>: none, it has its own turn.</param>
internal sealed record WaitingRun(KnownRun Known, long Bytes, RunId? Steers = null);

/// <summary>A turn of the conversation. Its message and its checkpoints are kept beside.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Seq">The offset of its <c>run_queued</c>.</param>
/// <param name="Checkpoints">How many it has.</param>
/// <param name="Bytes">The size of its message and of them all.</param>
internal sealed record KeptTurn(RunId RunId, Offset Seq, int Checkpoints, long Bytes);

/// <summary>A place where the log may be cut.</summary>
/// <param name="Through">The <c>run_finished</c> up to which entries may go.</param>
/// <param name="At">When that run ended.</param>
internal readonly record struct CutPoint(Offset Through, DateTimeOffset At);

/// <summary>What each append of the run under way changes.</summary>
internal sealed record RunProgress
{
    public static RunProgress None { get; } = new();

    /// <summary>Its last write.</summary>
    public long Sequence { get; init; }

    /// <summary>The answer to that write.</summary>
    public Offset Last { get; init; }

    /// <summary>Steps that stand in the log and that no checkpoint covers, in the order in which they began.</summary>
    public IReadOnlyList<UnsettledStep> Unsettled { get; init; } = [];
}

/// <summary>A step that no checkpoint covers.</summary>
/// <param name="StepId">The step.</param>
/// <param name="First">Its first entry that counts: what stands before was superseded or covered.</param>
/// <param name="Finished">Whether it was written in full.</param>
internal sealed record UnsettledStep(StepId StepId, Offset First, bool Finished);
