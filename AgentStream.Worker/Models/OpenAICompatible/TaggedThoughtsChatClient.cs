using System.Runtime.CompilerServices;
using System.Text;
using AgentStream.Worker.Models.OpenAICompatible.Wire;
using AgentStream.Worker.Models.Pipeline;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Models.OpenAICompatible;

/// <summary>
/// Shows as thought what models write between tags into their text (DeepSeek-R1, Qwen and others,
/// wherever their server has no parser for it).
/// Where a server says itself what is a thought, text is left alone, but for tags that are left over.
/// The model gets back what it wrote: templates of such models take earlier thoughts out themselves, and MiniMax's wants them there.
/// </summary>
internal sealed class TaggedThoughtsChatClient(IChatClient innerClient, string origin, string tag, bool beginsInside)
    : DelegatingChatClient(innerClient)
{
    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var response = await base.GetResponseAsync(messages, options, cancellationToken);
        foreach (var message in response.Messages)
        {
            var reply = new SplitReply(new TaggedThoughts(tag, beginsInside), origin);
            message.Contents = [.. message.Contents.SelectMany(reply.Read), .. reply.End()];
        }

        return response;
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var reply = new SplitReply(new TaggedThoughts(tag, beginsInside), origin);
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
    private sealed class SplitReply(TaggedThoughts thoughts, string origin)
    {
        // What was read until it was decided where the answer begins, and how much of it is answer.
        private readonly StringBuilder _read = new();
        private int _answer;
        private bool _hasThought;

        public IEnumerable<AIContent> Read(AIContent content)
        {
            switch (content)
            {
                case TextContent when thoughts.IsDecided:
                    return [content];
                case TextContent text:
                    _read.Append(text.Text);
                    return [.. thoughts.Add(text.Text).Select(ToContent)];
                // What was held back goes first.
                case TextReasoningContent { Text.Length: > 0 }:
                    return [.. thoughts.Told().Select(ToContent), content];
                case FunctionCallContent:
                    return [.. End(), content];
                default:
                    return [content];
            }
        }

        public List<AIContent> End()
        {
            List<AIContent> rest = [.. thoughts.End().Select(ToContent)];
            if (_hasThought && _read.Length - _answer <= KeptFields.MaxLength)
            {
                rest.Add(OpaqueThought.Create(origin, ReturnedReply.KeptBeginning(_read.ToString(0, _read.Length - _answer))));
                _hasThought = false;
            }

            return rest;
        }

        private AIContent ToContent(TextPiece piece)
        {
            _hasThought |= piece.IsThought;
            _answer += piece.IsThought ? 0 : piece.Text.Length;
            return piece.IsThought ? new TextReasoningContent(piece.Text) : new TextContent(piece.Text);
        }
    }
}
