using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Models.Resilience;

/// <summary>Streams on a reply that came in one piece: text and thoughts word by word, everything else as it is.</summary>
internal static class WholeReply
{
    public static IEnumerable<ChatResponseUpdate> InPieces(ChatResponse response)
    {
        foreach (var message in response.Messages)
        {
            foreach (var content in message.Contents.SelectMany(Pieces))
            {
                yield return Update(response, message, [content]);
            }
        }

        var end = Update(response, response.Messages.LastOrDefault(), response.Usage is { } usage ? [new UsageContent(usage)] : []);
        end.FinishReason = response.FinishReason ?? ChatFinishReason.Stop;
        yield return end;
    }

    private static IEnumerable<AIContent> Pieces(AIContent content) => content switch
    {
        TextContent text => WordPieces.Of(text.Text).Select(piece => new TextContent(piece)),
        TextReasoningContent { Text.Length: > 0 } reasoning => WordPieces.Of(reasoning.Text)
            .Select(piece => new TextReasoningContent(piece)),
        _ => [content],
    };

    private static ChatResponseUpdate Update(ChatResponse response, ChatMessage? message, IList<AIContent> contents)
        => new(ChatRole.Assistant, contents)
        {
            ResponseId = response.ResponseId,
            MessageId = message?.MessageId,
            ModelId = response.ModelId,
            CreatedAt = response.CreatedAt,
        };
}
