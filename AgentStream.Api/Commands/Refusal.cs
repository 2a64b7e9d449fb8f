using AgentStream.Messaging;

namespace AgentStream.Api.Commands;

/// <summary>The reason why something was not done: an <c>error</c> notice over a socket, problem details over HTTP.</summary>
/// <param name="Code">One of <see cref="Messaging.Protocol.ErrorCodes"/>.</param>
/// <param name="Message">A sentence for people that says what to do.</param>
/// <param name="MessageId">The message that it is about, where that could be read.</param>
/// <param name="RetryAfter">The time to wait before it is tried again, where waiting helps.</param>
/// <param name="Param">The field that it is about, for wires that name it beside the sentence.</param>
internal sealed record Refusal(
    string Code, string Message, MessageId? MessageId = null, TimeSpan? RetryAfter = null, string? Param = null)
{
    /// <summary>The whole seconds to wait.</summary>
    public int? RetryAfterSeconds => RetryAfter is { } wait ? Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)) : null;
}
