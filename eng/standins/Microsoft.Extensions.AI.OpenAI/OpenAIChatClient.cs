using System.Runtime.CompilerServices;
using OpenAI.Chat;

namespace Microsoft.Extensions.AI;

/// <summary>Speaks to an OpenAI-compatible chat completions endpoint.</summary>
internal sealed class OpenAIChatClient(ChatClient client) : IChatClient
{
    private readonly ChatClientMetadata _metadata = new("openai", client.Endpoint, client.Model);

    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);

        var completion = await client.CompleteChatAsync(
            OpenAIRequest.Messages(messages, options), OpenAIRequest.Options(this, options), cancellationToken);
        return OpenAIResponse.FromCompletion(completion.Value);
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);

        // The SDK itself asks for usage (stream_options.include_usage).
        var updates = client.CompleteChatStreamingAsync(
            OpenAIRequest.Messages(messages, options), OpenAIRequest.Options(this, options), cancellationToken);

        OpenAIStreamingResponse response = new();
        await foreach (var update in updates.WithCancellation(cancellationToken))
        {
            yield return response.Next(update);
        }

        if (response.End() is { } last)
        {
            yield return last;
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);

        return serviceKey is not null ? null
            : serviceType == typeof(ChatClientMetadata) ? _metadata
            : serviceType == typeof(ChatClient) ? client
            : serviceType.IsInstanceOfType(this) ? this
            : null;
    }

    public void Dispose()
    {
        // The OpenAI client belongs to the caller and holds nothing that needs releasing.
    }
}
