using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Models.Resilience;

/// <summary>What every provider's client is wrapped in, from the inside out: errors explained, retries, whole replies where streaming fails, usage.</summary>
internal static class ModelPipeline
{
    public static IChatClient Wrap(IChatClient client, Func<Exception, ModelException> explain, ModelOptions options, TimeProvider time, ILogger logger) =>
        new UsageEstimatingChatClient(
            new StreamingFallbackChatClient(
                new RetryChatClient(
                    new ModelErrorChatClient(client, explain, logger),
                    options,
                    time),
                logger));
}
