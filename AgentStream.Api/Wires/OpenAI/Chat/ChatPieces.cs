using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Api.Wires.OpenAI.Chat;

/// <summary>Makes the pieces of one chat completion.</summary>
/// <param name="runId">The run.</param>
/// <param name="createdAt">When its message was taken.</param>
/// <param name="includeUsage">Whether the caller wants to know what it took.</param>
internal sealed class ChatPieces(RunId runId, DateTimeOffset createdAt, bool includeUsage)
{
    private ChatChunk _head = new();
    private bool _hasThought;
    private bool _hasContent;

    public ChatChunk Begin(RunQueued queued)
    {
        _head = new ChatChunk
        {
            Id = ChatCompletions.IdOf(runId),
            Object = "chat.completion.chunk",
            Created = createdAt.ToUnixTimeSeconds(),
            Model = queued.AgentName,
        };
        return Piece(new ChatMessage { Role = "assistant", Content = "" });
    }

    /// <summary>A thought, or a piece of one.</summary>
    /// <param name="text">The text.</param>
    /// <param name="isFirst">Whether a thought begins with it: between two is a blank line.</param>
    public ChatChunk Thought(string text, bool isFirst)
    {
        var whole = isFirst && _hasThought ? RunText.Paragraph + text : text;
        _hasThought = true;
        return Piece(new ChatMessage { ReasoningContent = whole });
    }

    /// <summary>Text of the answer, or what looks like it.</summary>
    /// <param name="text">The text.</param>
    /// <param name="isFirst">Whether a text begins with it: between two is a blank line.</param>
    public ChatChunk Content(string text, bool isFirst)
    {
        var whole = isFirst && _hasContent ? RunText.Paragraph + text : text;
        _hasContent = true;
        return Piece(new ChatMessage { Content = whole });
    }

    /// <summary>The end where the caller is to execute calls.</summary>
    public IEnumerable<ChatChunk> Ask(IReadOnlyList<ChatToolCall> calls, TokenUsage? usage)
        => [Piece(new ChatMessage { ToolCalls = calls }), .. End(ChatCompletions.CallsAreWanted, usage)];

    /// <summary>The end: how the answer ends, and what it took; or the error in its place.</summary>
    public IEnumerable<ChatChunk> End(RunFinished finished, ReasoningStep? answer)
        => finished.Status == RunStatus.Completed
            ? End(ChatCompletions.FinishReasonOf(answer), finished.Usage)
            : [new ChatChunk { Error = OpenAIError.Of(finished) }];

    private IEnumerable<ChatChunk> End(string finishReason, TokenUsage? usage)
    {
        yield return Piece(new ChatMessage(), finishReason);
        if (includeUsage)
        {
            yield return _head with { Choices = [], Usage = ChatUsage.Of(usage) };
        }
    }

    private ChatChunk Piece(ChatMessage delta, string? finishReason = null)
        => _head with { Choices = [new ChatChunkChoice { Delta = delta, FinishReason = finishReason }] };
}
