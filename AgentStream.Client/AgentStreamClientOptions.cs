namespace AgentStream.Client;

/// <summary>Settings of a client.</summary>
public sealed class AgentStreamClientOptions
{
    /// <summary>
    /// Gives the token (or key) for <c>Authorization: Bearer</c>; asked for each request and each connection, and at once again
    /// where the server has refused the last one. <c>null</c>: the server asks nobody who they are.
    /// </summary>
    public Func<AccessTokenRequest, CancellationToken, ValueTask<string?>>? AccessToken { get; set; }

    /// <summary>
    /// The time without a connection after which reading ends with <see cref="AgentStreamException.Unreachable"/>;
    /// <see cref="Timeout.InfiniteTimeSpan"/>: never. Default: 5 minutes.
    /// </summary>
    public TimeSpan GiveUpAfter { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>The time that one attempt to connect may take. Default: 15 seconds.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// The silence after which the server is asked whether it is there; it says something every 30 seconds. Default: 40 seconds.
    /// </summary>
    public TimeSpan Silence { get; set; } = TimeSpan.FromSeconds(40);

    /// <summary>The largest frame that is read, in bytes: what is larger ends the reading. Default: 64 MiB.</summary>
    public int MaxFrameBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>
    /// The time in which a server that is there answers a question; what is more than milliseconds is patience with slow networks.
    /// </summary>
    internal TimeSpan PongTime { get; set; } = TimeSpan.FromSeconds(8);

    internal TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>0 to 1.</summary>
    internal Func<double> Random { get; set; } = System.Random.Shared.NextDouble;

    internal AgentStreamClientOptions Checked()
    {
        Check(GiveUpAfter == Timeout.InfiniteTimeSpan || GiveUpAfter > TimeSpan.Zero, nameof(GiveUpAfter));
        Check(ConnectTimeout > TimeSpan.Zero, nameof(ConnectTimeout));
        Check(Silence > TimeSpan.Zero, nameof(Silence));
        Check(MaxFrameBytes >= 64 * 1024, nameof(MaxFrameBytes));
        return (AgentStreamClientOptions)MemberwiseClone();

        static void Check(bool isGood, string name)
        {
            if (!isGood)
            {
                throw new ArgumentOutOfRangeException(
                    name, $"{name} is out of its range: times are more than zero, and MaxFrameBytes is at least 65536.");
            }
        }
    }
}

/// <summary>What is known when a token is asked for.</summary>
/// <param name="Refused">The token that the server has just refused: give another one. <c>null</c>: it has refused none.</param>
public sealed record AccessTokenRequest(string? Refused);
