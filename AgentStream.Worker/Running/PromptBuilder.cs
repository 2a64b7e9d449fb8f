using AgentStream.Messaging.Queue;
using AgentStream.Worker.Agents;
using AgentStream.Worker.Running.Checkpoints;
using AgentStream.Worker.Tools;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Running;

/// <summary>Makes the messages that the model gets: instructions, context, earlier turns within a budget, the message, and what its run has come to.</summary>
internal static class PromptBuilder
{
    /// <summary>Stands in for the result of a call that has none, since providers refuse a call without one.</summary>
    private const string NoResult = "This call was not executed: the run ended before.";

    /// <summary>The same for a call that had begun.</summary>
    private const string Unknown = "It is not known whether this call took effect: the run ended before its result was known. Check before trying again.";

    public static List<ChatMessage> Build(AgentDefinition agent, RunRequest request, IReadOnlyList<ConversationTurn> conversation, RunState state)
    {
        List<ChatMessage> messages = [];
        if (!string.IsNullOrWhiteSpace(agent.Instructions))
        {
            messages.Add(new ChatMessage(ChatRole.System, agent.Instructions));
        }

        if (agent.Tools.Count > 0)
        {
            messages.Add(new ChatMessage(ChatRole.System, UntrustedText.Rule));
        }

        if (request.Context is { } context)
        {
            messages.Add(new ChatMessage(ChatRole.System, $"Context given with the message, as JSON:\n{context.GetRawText()}"));
        }

        messages.AddRange(request.History is { } supplied ? SuppliedHistory.Messages(supplied, agent.Limits.HistoryTokens) : History(conversation, agent.Limits.HistoryTokens));
        messages.Add(new ChatMessage(ChatRole.User, request.Message));
        AddReplies(messages, state, isUnderWay: true);
        return messages;
    }

    /// <summary>Whole turns only, newest first until the budget is spent: a call never stands without its result.</summary>
    private static IEnumerable<ChatMessage> History(IReadOnlyList<ConversationTurn> conversation, int budget)
    {
        Stack<List<ChatMessage>> turns = [];
        for (var i = conversation.Count - 1; i >= 0; i--)
        {
            List<ChatMessage> turn = [new ChatMessage(ChatRole.User, conversation[i].Message)];
            AddReplies(turn, RunState.From(conversation[i].Checkpoints));
            budget -= turn.Sum(EstimateTokens);
            if (budget < 0)
            {
                break;
            }

            turns.Push(turn);
        }

        return turns.SelectMany(turn => turn);
    }

    private static void AddReplies(List<ChatMessage> messages, RunState state, bool isUnderWay = false)
    {
        foreach (var reply in state.Replies)
        {
            // Models want their signed thoughts back while they call tools; of earlier turns they need none.
            List<AIContent> contents = [.. ReplyText.Contents(reply, withThoughts: isUnderWay)];
            contents.AddRange(reply.Calls.Select(call => ToolCallText.CreateCall(call.ModelId, call.Name, call.Arguments)));
            if (contents.Count == 0)
            {
                continue;
            }

            messages.Add(new ChatMessage(ChatRole.Assistant, contents));
            messages.AddRange(reply.Calls.Select(call => new ChatMessage(ChatRole.Tool, [new FunctionResultContent(call.ModelId, ResultOf(call, state))])));
        }
    }

    private static string ResultOf(RecordedCall call, RunState state)
    {
        var result = state.ResultOf(call.Id) is { } known ? UntrustedText.Mark(call.Name, known.Content) : state.IsIntended(call.Id) ? Unknown : NoResult;

        // The call stands above it as the model wrote it: without a word it would take the result for that of its own arguments.
        return state.EditOf(call.Id) is { } edited ? $"A person approved this call with changed arguments: {edited}\nWhat came of it:\n{result}" : result;
    }

    /// <summary>Four characters to a token: the rule of thumb that providers give for English; enough for a budget.</summary>
    private static int EstimateTokens(ChatMessage message) => 4 + message.Contents.Sum(content => content switch
    {
        TextContent text => text.Text.Length / 4,
        FunctionCallContent call => (call.Name.Length + ToolCallText.ArgumentsOf(call).Length) / 4,
        FunctionResultContent result => (result.Result?.ToString()?.Length ?? 0) / 4,
        _ => 0,
    });
}
