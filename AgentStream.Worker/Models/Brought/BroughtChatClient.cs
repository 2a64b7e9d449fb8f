using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Models.Brought;

/// <summary>A client that belongs to who brought it: it is not disposed, and is asked for the model that it was made for.</summary>
/// <param name="client">The client.</param>
/// <param name="modelId">The model that it asks where it is told none; <c>null</c>: only it knows.</param>
internal sealed class BroughtChatClient(IChatClient client, string? modelId) : IChatClient
{
    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        => client.GetResponseAsync(messages, Own(options), cancellationToken);

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        => client.GetStreamingResponseAsync(messages, Own(options), cancellationToken);

    public object? GetService(Type serviceType, object? serviceKey = null) => client.GetService(serviceType, serviceKey);

    public void Dispose()
    {
        // The client belongs to who brought it.
    }

    private ChatOptions? Own(ChatOptions? options)
    {
        if (options is null || options.ModelId == modelId)
        {
            return options;
        }

        var own = options.Clone();
        own.ModelId = modelId;
        return own;
    }
}
