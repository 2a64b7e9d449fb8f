using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Models.Resilience;

/// <summary>
/// Takes a place at the provider's gate for as long as a reply is under way, the pauses between two attempts not included.
/// </summary>
internal sealed class GatedChatClient(IChatClient innerClient, RequestGate gate) : DelegatingChatClient(innerClient)
{
    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        using var place = await gate.EnterAsync(cancellationToken);
        return await base.GetResponseAsync(messages, options, cancellationToken);
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var place = await gate.EnterAsync(cancellationToken);
        await foreach (var update in base.GetStreamingResponseAsync(messages, options, cancellationToken)
            .WithCancellation(cancellationToken))
        {
            yield return update;
        }
    }
}
