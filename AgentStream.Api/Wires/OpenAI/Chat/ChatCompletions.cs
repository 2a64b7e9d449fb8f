using AgentStream.Api.Wires.OpenAI.Calls;
using AgentStream.Api.Wires.Runs;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Api.Wires.OpenAI.Chat;

/// <summary>Makes a whole chat completion of a run that has ended with an answer, or asks its caller to execute calls.</summary>
internal static class ChatCompletions
{
    public const string CallsAreWanted = "tool_calls";

    public static string IdOf(RunId runId) => $"chatcmpl-{runId}";

    /// <summary>Why the answer ends: it is whole, or the model had reached its limit.</summary>
    public static string FinishReasonOf(ReasoningStep? answer) => answer?.CutOff is true ? "length" : "stop";

    /// <param name="run">The run as it stands.</param>
    /// <param name="part">What of it is told, from its beginning.</param>
    public static ChatCompletion Of(FoundRun run, RunPart part)
    {
        var message = run.Message;
        List<ReasoningStep> steps = [.. run.Tell().Where(told => part.Take(told.Event)).Select(told => told.Event).OfType<ReasoningStep>()];
        part.Pause();
        var answer = steps.LastOrDefault(RunText.IsAnswer);
        var thoughts = steps
            .Where(step => RunText.IsThought(step) && step.Content.Length > 0)
            .Select(step => step.Content)
            .ToList();
        var asks = part.Calls.Count > 0;
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
                        Content = answer?.Content ?? (asks ? null : ""),
                        ReasoningContent = thoughts.Count == 0 ? null : string.Join(RunText.Paragraph, thoughts),
                        ToolCalls = asks ? ChatToolCall.Of(part.Calls, run.SessionId, isPiece: false) : null,
                    },
                    FinishReason = asks ? CallsAreWanted : FinishReasonOf(answer),
                },
            ],
            Usage = ChatUsage.Of(message.Usage),
        };
    }
}
