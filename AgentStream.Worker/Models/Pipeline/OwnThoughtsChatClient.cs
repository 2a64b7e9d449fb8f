using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Models.Pipeline;

/// <summary>Keeps thoughts that another model has signed from this one: its provider would refuse the request for them.</summary>
/// <param name="innerClient">The model.</param>
/// <param name="origin">Whose thoughts it may get.</param>
internal sealed class OwnThoughtsChatClient(IChatClient innerClient, string origin) : DelegatingChatClient(innerClient)
{
    public override Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        base.GetResponseAsync(Own(messages), options, cancellationToken);

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var update in base.GetStreamingResponseAsync(Own(messages), options, cancellationToken)
            .WithCancellation(cancellationToken))
        {
            yield return update;
        }
    }

    private List<ChatMessage> Own(IEnumerable<ChatMessage> messages)
        => [.. messages.Select(Own).Where(message => message.Contents.Count > 0)];

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
