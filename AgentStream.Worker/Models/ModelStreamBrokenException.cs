namespace AgentStream.Worker.Models;

/// <summary>
/// A reply broke off after a part of it had been yielded: the connection was lost, a chunk made no sense,
/// or the stream ended without saying that the reply is complete.
/// The reply counts as cut off; whoever shows it decides whether to ask for it again.
/// </summary>
public sealed class ModelStreamBrokenException(ModelException cause)
    : ModelException(cause.Code, cause.UserMessage, cause);
