using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Models.OpenAICompatible;

/// <summary>
/// Shows as thought what models write between tags into their text (DeepSeek-R1, Qwen and others,
/// wherever their server has no parser for it).
/// Where a server says itself what is a thought, text is left alone, but for tags that are left over.
/// </summary>
internal sealed class TaggedThoughtsChatClient(IChatClient innerClient, string tag, bool beginsInside) : DelegatingChatClient(innerClient)
{
    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var response = await base.GetResponseAsync(messages, options, cancellationToken);
        foreach (var message in response.Messages)
        {
            var reply = new SplitReply(new TaggedThoughts(tag, beginsInside));
            message.Contents = [.. message.Contents.SelectMany(reply.Read), .. reply.End()];
        }

        return response;
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var reply = new SplitReply(new TaggedThoughts(tag, beginsInside));
        ChatResponseUpdate? last = null;
        await foreach (var update in base.GetStreamingResponseAsync(messages, options, cancellationToken)
            .WithCancellation(cancellationToken))
        {
            last = update;
            update.Contents = [.. update.Contents.SelectMany(reply.Read)];
            yield return update;
        }

        if (reply.End() is { Count: > 0 } rest)
        {
            yield return new ChatResponseUpdate(ChatRole.Assistant, rest)
            {
                ResponseId = last?.ResponseId,
                MessageId = last?.MessageId,
                ModelId = last?.ModelId,
            };
        }
    }

    /// <summary>The contents of one reply, in order.</summary>
    private sealed class SplitReply(TaggedThoughts thoughts)
    {
        public IEnumerable<AIContent> Read(AIContent content)
        {
            switch (content)
            {
                case TextContent when thoughts.IsDecided:
                    return [content];
                case TextContent text:
                    return thoughts.Add(text.Text).Select(ToContent);
                // What was held back goes first.
                case TextReasoningContent { Text.Length: > 0 }:
                    return [.. thoughts.Told().Select(ToContent), content];
                case FunctionCallContent:
                    return [.. End(), content];
                default:
                    return [content];
            }
        }

        public IList<AIContent> End() => [.. thoughts.End().Select(ToContent)];

        private static AIContent ToContent(TextPiece piece)
            => piece.IsThought ? new TextReasoningContent(piece.Text) : new TextContent(piece.Text);
    }
}
