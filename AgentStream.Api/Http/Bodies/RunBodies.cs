using AgentStream.Messaging.Queue;

namespace AgentStream.Api.Http.Bodies;

/// <summary>A page of the runs that are not over.</summary>
internal sealed record LiveRunList
{
    public required IReadOnlyList<LiveRun> Runs { get; init; }

    /// <summary>The <c>page_token</c> of the next page; missing on the last.</summary>
    public string? Next { get; init; }
}

/// <summary>A page of one's own runs that are not over.</summary>
internal sealed record OwnRunList
{
    public required IReadOnlyList<LiveRun> Runs { get; init; }

    /// <summary>The <c>page_token</c> of the next page; missing on the last.</summary>
    public string? Next { get; init; }

    /// <summary>What one's runs that ended today (UTC) have used.</summary>
    public required DaySpending SpentToday { get; init; }
}
