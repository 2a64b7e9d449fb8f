using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Models.Pipeline;

/// <summary>
/// Tells the model's own replies from those of others, in a session whose model has changed or in a run whose fallback answers: it does not
/// get what another model wants back, since its provider would
/// refuse the request for that, and the ids of others' calls become such as it takes.
/// </summary>
/// <param name="innerClient">The model.</param>
/// <param name="origin">Provider and model.</param>
internal sealed class OwnRepliesChatClient(IChatClient innerClient, string origin) : DelegatingChatClient(innerClient)
{
    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var response = await base.GetResponseAsync(Own(messages), options, cancellationToken);
        foreach (var message in response.Messages)
        {
            Mark(message.Contents);
        }

        return response;
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null,
            [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var update in base.GetStreamingResponseAsync(Own(messages), options, cancellationToken)
            .WithCancellation(cancellationToken))
        {
            Mark(update.Contents);
            yield return update;
        }
    }

    private void Mark(IList<AIContent> contents)
    {
        foreach (var call in contents.OfType<FunctionCallContent>())
        {
            ReplyOrigin.Mark(call, origin);
        }
    }

    private List<ChatMessage> Own(IEnumerable<ChatMessage> messages) => [.. CallIds.Fit(messages.Select(Own).Where(message
        => message.Contents.Count > 0), origin)];

    private ChatMessage Own(ChatMessage message)
    {
        if (!message.Contents.Any(IsForeign))
        {
            return message;
        }

        var copy = message.Clone();
        copy.Contents = [.. message.Contents.Where(content => !IsForeign(content))];
        return copy;
    }

    private bool IsForeign(AIContent content) => OpaqueThought.TryRead(content, out var from, out _) && from != origin;
}
