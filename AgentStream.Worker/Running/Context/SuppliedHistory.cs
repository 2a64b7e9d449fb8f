using AgentStream.Messaging.Protocol;
using AgentStream.Worker.Models;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Running.Context;

/// <summary>The earlier conversation that came with a message, as far as the budget goes: the oldest messages are left out first.</summary>
internal static class SuppliedHistory
{
    private const int TokensPerMessage = 4;

    public static IEnumerable<ChatMessage> Messages(IReadOnlyList<HistoryMessage> history, long budget)
    {
        Stack<ChatMessage> kept = [];
        for (var i = history.Count - 1; i >= 0; i--)
        {
            var text = history[i].Content ?? "";
            if (string.IsNullOrWhiteSpace(text))
            {
                continue;
            }

            budget -= TokensPerMessage + UsageEstimator.CountTokens(text);
            if (budget < 0)
            {
                break;
            }

            kept.Push(new ChatMessage(history[i].Role == "assistant" ? ChatRole.Assistant : ChatRole.User, text));
        }

        return kept;
    }
}
