namespace AgentStream.Samples.Terminal;

/// <summary>
/// The time to wait before the next attempt: growing, so that a server that comes back is not overrun, and random,
/// so that not all clients come at once.
/// </summary>
internal static class Backoff
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(15);

    /// <param name="attempt">From 1.</param>
    /// <param name="random">0 to 1.</param>
    public static TimeSpan Pause(int attempt, double random)
    {
        var pause = First * Math.Pow(2, Math.Min(attempt - 1, 16));
        return (pause < Longest ? pause : Longest) * (0.5 + (random / 2));
    }
}
