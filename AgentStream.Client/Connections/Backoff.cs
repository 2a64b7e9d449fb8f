namespace AgentStream.Client.Connections;

/// <summary>
/// The pause before an attempt to come back: growing, so that a server that comes up is not overrun, and random,
/// so that its clients do not come as a herd.
/// </summary>
internal static class Backoff
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(12);

    // None at all would be a busy loop against a server that refuses at once.
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(50);

    /// <param name="attempt">From 1.</param>
    /// <param name="random">0 to 1.</param>
    public static TimeSpan Pause(int attempt, double random)
    {
        var ceiling = First * Math.Pow(2, Math.Min(attempt - 1, 16));
        var pause = (ceiling < Longest ? ceiling : Longest) * random;
        return pause > Shortest ? pause : Shortest;
    }
}
