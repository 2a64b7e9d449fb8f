using AgentStream.Worker.Models.Pipeline;
using AgentStream.Worker.Models.Resilience;
using AgentStream.Worker.Telemetry;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Models.Brought;

/// <summary>Puts around the client of a program what goes around all models of a worker.</summary>
internal sealed class BroughtModels(IServiceProvider services, TimeProvider time, ILoggerFactory loggers)
{
    /// <param name="name">Its name.</param>
    /// <param name="options">Its settings, with the client.</param>
    public ModelProvider Create(string name, ModelOptions options)
    {
        var client = options.Client!(services);
        var metadata = client.GetService<ChatClientMetadata>();
        return Create(name, new BroughtChatClient(client, metadata?.DefaultModelId), metadata, options);
    }

    /// <summary>The model of an agent that brings it along, and decides itself which one it is.</summary>
    /// <param name="agent">The agent's name.</param>
    /// <param name="client">Asks it.</param>
    /// <param name="modelId">The model that it asks for; <c>null</c>: the one that its client was made for.</param>
    public ResolvedModel Of(string agent, IChatClient client, string? modelId)
    {
        var metadata = client.GetService<ChatClientMetadata>();
        var id = modelId ?? metadata?.DefaultModelId ?? agent;
        var own = new BroughtChatClient(client, modelId: null);
        // A model of the catalog has all of it already, and would try again what was tried again.
        return new ResolvedModel(
            client.GetService<TelemetryChatClient>() is null ? Create(agent, own, metadata, new ModelOptions()).GetClient(id, time) : own,
            metadata?.ProviderName ?? agent,
            id,
            id);
    }

    private ModelProvider Create(string name, BroughtChatClient client, ChatClientMetadata? metadata, ModelOptions options)
    {
        var errors = new BroughtErrors(name, metadata?.ProviderUri, time);
        var gate = new RequestGate(options.MaxConcurrentRequests);
        return new ModelProvider(
            name,
            metadata?.ProviderName ?? name,
            metadata?.DefaultModelId ?? name,
            takesOtherModels: false,
            modelId => ModelPipeline.Wrap(
                client,
                $"{name}/{modelId}",
                (exception, asked) => errors.Explain(exception, modelId, asked),
                options,
                gate,
                time,
                loggers.CreateLogger<BroughtModels>()),
            gate)
        {
            Address = metadata?.ProviderUri,
        };
    }
}
