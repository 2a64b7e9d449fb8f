using AgentStream.Messaging.Protocol;

namespace AgentStream.Api.Wires.OpenAI.Chat;

/// <summary>Shows what is certain, and nothing before.</summary>
/// <remarks>
/// This wire can't take anything back.
/// So a thought is shown when its reply is kept, and the answer when the run has ended with it:
/// text that still streams may turn out to be a thought before a tool call, or be lost with its worker.
/// </remarks>
internal sealed class SettledChatFold(ChatPieces pieces) : IChatFold
{
    private readonly List<ReasoningStep> _unsettled = [];

    public bool IsOver { get; private set; }

    public IReadOnlyList<ChatChunk> Take(SessionEvent sessionEvent)
    {
        switch (sessionEvent)
        {
            case RunQueued queued:
                return [pieces.Begin(queued)];
            case ReasoningStep step when RunText.IsThought(step) || RunText.IsAnswer(step):
                _unsettled.Add(step);
                return [];
            case StepSuperseded superseded:
                _unsettled.RemoveAll(step => superseded.StepIds.Contains(step.StepId));
                return [];
            // Comes with the end of a reply, in one write with what is remembered of it: from here on it is kept.
            case UsageReported:
                return [.. Thoughts()];
            case RunFinished finished:
                IsOver = true;
                return [.. End(finished)];
            default:
                return [];
        }
    }

    public IReadOnlyList<ChatChunk> Ask(IReadOnlyList<ChatToolCall> calls, TokenUsage? usage)
    {
        IsOver = true;
        return [.. Thoughts(), .. pieces.Ask(calls, usage)];
    }

    private IEnumerable<ChatChunk> End(RunFinished finished)
    {
        var answer = _unsettled.LastOrDefault(RunText.IsAnswer);
        foreach (var thought in Thoughts())
        {
            yield return thought;
        }

        if (!string.IsNullOrEmpty(answer?.Content))
        {
            yield return pieces.Content(answer.Content, isFirst: true);
        }

        foreach (var piece in pieces.End(finished, answer))
        {
            yield return piece;
        }
    }

    private List<ChatChunk> Thoughts()
    {
        var thoughts = _unsettled.Where(step => RunText.IsThought(step) && step.Content.Length > 0).ToList();
        _unsettled.RemoveAll(RunText.IsThought);
        return [.. thoughts.Select(thought => pieces.Thought(thought.Content, isFirst: true))];
    }
}
