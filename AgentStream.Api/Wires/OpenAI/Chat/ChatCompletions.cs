using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Transcript;

namespace AgentStream.Api.Wires.OpenAI.Chat;

/// <summary>Makes a whole chat completion of a run that has ended with an answer.</summary>
internal static class ChatCompletions
{
    public static string IdOf(RunId runId) => $"chatcmpl-{runId}";

    /// <summary>Why the answer ends: it is whole, or the model had reached its limit.</summary>
    public static string FinishReasonOf(ReasoningStep? answer) => answer?.CutOff is true ? "length" : "stop";

    public static ChatCompletion Of(TranscriptMessage message)
    {
        var answer = message.Steps.LastOrDefault(RunText.IsAnswer);
        var thoughts = message.Steps
            .Where(step => RunText.IsThought(step) && step.Content.Length > 0)
            .Select(step => step.Content)
            .ToList();
        return new ChatCompletion
        {
            Id = IdOf(message.RunId),
            Created = message.QueuedAt.ToUnixTimeSeconds(),
            Model = message.AgentName,
            Choices =
            [
                new ChatChoice
                {
                    Message = new ChatMessage
                    {
                        Role = "assistant",
                        Content = answer?.Content ?? "",
                        ReasoningContent = thoughts.Count == 0 ? null : string.Join(RunText.Paragraph, thoughts),
                    },
                    FinishReason = FinishReasonOf(answer),
                },
            ],
            Usage = ChatUsage.Of(message.Usage),
        };
    }
}
