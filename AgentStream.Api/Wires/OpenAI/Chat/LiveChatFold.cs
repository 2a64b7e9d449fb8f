using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Api.Wires.OpenAI.Chat;

/// <summary>Shows text as it comes, for operators who want each word at once.</summary>
/// <remarks>
/// What turns out to be a thought before a tool call stays where it was shown, as a paragraph before the answer.
/// Where text is lost that was shown, the stream ends with an error: the same key gets the run again, with what stands.
/// </remarks>
internal sealed class LiveChatFold(ChatPieces pieces) : IChatFold
{
    // What was shown, as a thought or not.
    private readonly Dictionary<StepId, bool> _shown = [];
    private ReasoningStep? _answer;

    public bool IsOver { get; private set; }

    public IReadOnlyList<ChatChunk> Take(SessionEvent sessionEvent)
    {
        switch (sessionEvent)
        {
            case RunQueued queued:
                return [pieces.Begin(queued)];
            case StepDelta delta when RunText.IsText(delta) && delta.Delta.Length > 0:
                return [Show(delta)];
            case ReasoningStep step when RunText.IsAnswer(step):
                _answer = step;
                return _shown.TryGetValue(step.StepId, out var asThought) && asThought ? [pieces.Content(step.Content, isFirst: true)] : [];
            case StepSuperseded superseded when superseded.StepIds.Any(_shown.ContainsKey):
                IsOver = true;
                return [new ChatChunk { Error = OpenAIError.TextLost }];
            case RunFinished finished:
                IsOver = true;
                return [.. pieces.End(finished, _answer)];
            default:
                return [];
        }
    }

    public IReadOnlyList<ChatChunk> Ask(IReadOnlyList<ChatToolCall> calls, TokenUsage? usage)
    {
        IsOver = true;
        return [.. pieces.Ask(calls, usage)];
    }

    private ChatChunk Show(StepDelta delta)
    {
        var isFirst = _shown.TryAdd(delta.StepId, delta.StepType == DeltaType.Thought);
        return _shown[delta.StepId] ? pieces.Thought(delta.Delta, isFirst) : pieces.Content(delta.Delta, isFirst);
    }
}
