using System.Text.Json.Serialization;
using AgentStream.Messaging.Json;
using AgentStream.Messaging.Transcript;

namespace AgentStream.Messaging.Queue;

/// <summary>
/// A run that is not over. Nothing of what was said is in it, unless its owner asks (<see cref="LiveRunQuery.Owner"/>).
/// </summary>
internal sealed record LiveRun
{
    public required SessionId SessionId { get; init; }

    public required RunId RunId { get; init; }

    /// <summary>The owner of the session.</summary>
    public required PrincipalId Owner { get; init; }

    public required string AgentName { get; init; }

    /// <summary>
    /// <see cref="MessageStatus.Queued"/>: it waits for its turn or for a worker; <see cref="MessageStatus.Running"/>: a worker has it;
    /// <see cref="MessageStatus.Waiting"/>: for a person.
    /// </summary>
    public required MessageStatus Status { get; init; }

    /// <summary>
    /// The time at which it was queued, first claimed, or began to wait for a person, by its status.
    /// <c>null</c>: whoever queued it did not say.
    /// </summary>
    [JsonConverter(typeof(UnixSecondsConverter))]
    public DateTimeOffset? Since { get; init; }

    /// <summary>Who claimed it last; <c>null</c>: nobody has.</summary>
    public string? Worker { get; init; }

    /// <summary>The number of its attempt, see <see cref="RunClaim.Attempt"/>; <c>null</c>: nobody has claimed it.</summary>
    public int? Attempt { get; init; }

    /// <summary>Cancelling was asked for.</summary>
    public required bool CancelRequested { get; init; }

    /// <summary>The time at which the worker's lease ends if it is not renewed; <c>null</c>: no worker has the run.</summary>
    [JsonConverter(typeof(UnixSecondsConverter))]
    public DateTimeOffset? LeaseUntil { get; init; }

    /// <summary>The title of its session; for its owner alone.</summary>
    public string? Title { get; init; }

    /// <summary>The calls about which it asks people, while it waits for them; for its owner alone.</summary>
    public IReadOnlyList<PendingApproval>? Approvals { get; init; }
}

/// <summary>A query for the runs that are not over.</summary>
internal sealed record LiveRunQuery
{
    internal const int MaxSessions = 200;

    /// <summary>Only the runs of this owner, with what is theirs to know; <c>null</c>: those of all, without.</summary>
    public PrincipalId? Owner { get; init; }

    /// <summary>The most sessions on a page, each with all of its runs; 1 to 200.</summary>
    public int Sessions { get; init; } = 50;

    /// <summary><see cref="LiveRunPage.Next"/> of the page before; <c>null</c> for the first.</summary>
    public SessionId? After { get; init; }

    internal string AfterId => After?.Value ?? "";

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Sessions, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Sessions, MaxSessions);
    }
}

/// <summary>One page of the runs that are not over.</summary>
/// <param name="Runs">By session, in the order of the sessions' ids; of each session the run under way, then those that wait.</param>
/// <param name="Next">The session after which the next page begins; <c>null</c> on the last.</param>
internal sealed record LiveRunPage(IReadOnlyList<LiveRun> Runs, SessionId? Next);

/// <summary>What runs that ended on a day (UTC) have used.</summary>
/// <param name="Tokens">Input and output.</param>
/// <param name="Cost">In the currency that prices are in; <c>null</c>: no model that answered has a price, or all are free.</param>
internal sealed record DaySpending(long Tokens, decimal? Cost)
{
    internal static DaySpending Of(Owners.Spending spending)
        => new(spending.Tokens, spending.Nanos > 0 ? spending.Money : null);
}
