using AgentStream.Messaging;

namespace AgentStream.Api.Commands;

/// <summary>The reason why something was not done: an <c>error</c> notice over a socket, problem details over HTTP.</summary>
/// <param name="Code">One of <see cref="Messaging.Protocol.ErrorCodes"/>.</param>
/// <param name="Message">A sentence for people that says what to do.</param>
/// <param name="MessageId">The message that it is about, where that could be read.</param>
internal sealed record Refusal(string Code, string Message, MessageId? MessageId = null);
