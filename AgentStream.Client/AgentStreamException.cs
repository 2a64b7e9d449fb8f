using System.Net;

namespace AgentStream.Client;

/// <summary>The server does not want what it was asked for, or can't be reached, and trying again by itself would be no use.</summary>
public sealed class AgentStreamException : Exception
{
    /// <summary>
    /// The code where the server could not be reached, or not for as long as <see cref="AgentStreamClientOptions.GiveUpAfter"/>.
    /// </summary>
    public const string Unreachable = "unreachable";

    /// <summary>Makes one.</summary>
    /// <param name="code">The reason, in snake_case, for programs.</param>
    /// <param name="message">A sentence for people.</param>
    /// <param name="innerException">What was caught.</param>
    public AgentStreamException(string code, string message, Exception? innerException = null)
        : base(message, innerException) => Code = code;

    /// <summary>The reason, in snake_case: one of the error codes of the protocol, or <see cref="Unreachable"/>.</summary>
    public string Code { get; }

    /// <summary>The status of the answer, where there was one.</summary>
    public HttpStatusCode? StatusCode { get; init; }

    /// <summary>The time to wait before it is tried again, where the server says one.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
