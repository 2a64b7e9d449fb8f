using AgentStream.Worker.Models.Resilience;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Models.Pipeline;

/// <summary>
/// What every provider's client is wrapped in, from the inside out: an end to silence, errors explained, a place at the gate, retries,
/// what the model does not take left out, whole replies where streaming fails, usage, and what is its own told from others'.
/// </summary>
internal static class ModelPipeline
{
    /// <param name="client">The provider's client.</param>
    /// <param name="origin">Provider and model, whose its replies are.</param>
    /// <param name="explain">Knows the provider's exceptions.</param>
    /// <param name="options">Retries, timeouts.</param>
    /// <param name="gate">The provider's, shared by all its models.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Gets what was caught.</param>
    public static IChatClient Wrap(
        IChatClient client,
        string origin,
        Func<Exception, ChatOptions?, ModelException> explain,
        ModelOptions options,
        RequestGate gate,
        TimeProvider time,
        ILogger logger) =>
        new OwnRepliesChatClient(
            new UsageEstimatingChatClient(
                new StreamingFallbackChatClient(
                    new RefusedToolChatClient(
                        new FittingChatClient(
                            new RetryChatClient(
                                new GatedChatClient(
                                    new ModelErrorChatClient(
                                        new IdleTimeoutChatClient(client, options, time),
                                        explain,
                                        logger),
                                    gate),
                                options,
                                time),
                            origin,
                            logger),
                        origin,
                        logger),
                    logger)),
            origin);
}
