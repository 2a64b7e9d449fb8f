namespace AgentStream.Tests.Simulation.Judging;

/// <summary>What one client got, in order, for the judge to look at when all is over.</summary>
internal sealed class Witness(string client, string session)
{
    private readonly List<object> _all = [];

    public string Client => client;

    public string Session => session;

    public IReadOnlyList<object> All => _all;

    /// <summary>Whether it is expected to have seen all in the end.</summary>
    public Func<bool> IsThere { get; init; } = () => true;

    /// <summary>Whether it may be told that it was too slow.</summary>
    public bool IsSlow { get; set; }

    public void Entry(Seen seen) => _all.Add(seen);

    public void Snapshot(View view, string reason) => _all.Add((view, reason));

    /// <summary>It begins anew.</summary>
    public void Restart() => _all.Add((new View(), ""));

    /// <summary>A message was accepted.</summary>
    public void Accepted(string messageId, string run) => _all.Add(new AcceptedMessage(messageId, run));
}

/// <summary>An <c>accepted</c>.</summary>
internal sealed record AcceptedMessage(string MessageId, string Run);
