namespace AgentStream.Client.Connections;

/// <summary>The connection is of no use any more; another one may be.</summary>
internal sealed class ConnectionBrokenException(string message, TimeSpan? retryAfter = null) : Exception(message)
{
    /// <summary>The code with which the server closed; 0: it did not.</summary>
    public int CloseCode { get; init; }

    /// <summary>The time for which the server asks to be left alone.</summary>
    public TimeSpan? RetryAfter => retryAfter;
}
