using AgentStream.Worker.Models.Wire.Refusals;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Models;

/// <summary>
/// A model could not answer. What the provider said is in the inner exception, for the log; people get <see cref="UserMessage"/>.
/// What was worth retrying has been retried already.
/// </summary>
/// <param name="code">One of <see cref="ModelErrorCode"/>.</param>
/// <param name="userMessage">
/// A few sentences for people: what happened and what to do.
/// The server's own words only where they are marked as such, and as <see cref="ServerWords"/> lets them.
/// </param>
/// <param name="innerException">What was caught.</param>
public class ModelException(string code, string userMessage, Exception? innerException = null)
    : Exception(userMessage, innerException)
{
    /// <summary>One of <see cref="ModelErrorCode"/>.</summary>
    public string Code { get; } = code;

    /// <summary>A sentence for people: what happened, and what to do about it.</summary>
    public string UserMessage { get; } = userMessage;

    /// <summary>The meaning of the server's refusal; null: it refused nothing.</summary>
    internal Refusal? Refusal { get; init; }

    /// <summary>Asking again may help.</summary>
    public bool IsTransient { get; init; }

    /// <summary>
    /// The server itself failed on this request (500). Some answer so to each request with a prompt that they can't take,
    /// where others refuse it: a chat template that raises an error, for one.
    /// </summary>
    public bool IsServerFault { get; init; }

    /// <summary>The time for which the provider asks to be left alone.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The server or the model said that it does not stream.</summary>
    public bool RefusesStreaming { get; init; }

    /// <summary>It is the stream that failed: the same question without streaming may get an answer.</summary>
    public bool MayAnswerWhole { get; init; }

    /// <summary>The provider's own count all the same, for a reply that it withheld.</summary>
    public UsageDetails? Usage { get; init; }
}
