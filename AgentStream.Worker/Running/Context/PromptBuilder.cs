using AgentStream.Messaging.Queue;
using AgentStream.Worker.Agents;
using AgentStream.Worker.Running.Checkpoints;
using AgentStream.Worker.Running.ReAct;
using AgentStream.Worker.Tools.Arguments;
using AgentStream.Worker.Tools.Output;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Running.Context;

/// <summary>Makes the messages that the model gets: instructions, context, earlier turns, the message, and what its run has come to.</summary>
internal static class PromptBuilder
{
    /// <summary>Stands in for the result of a call that has none, since providers refuse a call without one.</summary>
    private const string NoResult = "This call was not executed: the run ended before.";

    /// <summary>The same for a call that had begun.</summary>
    private const string Unknown = "It is not known whether this call took effect: the run ended before its result was known. Check before trying again.";

    /// <summary>Characters of a shortened tool result: its beginning and its end.</summary>
    private const int ShortResult = 600;

    /// <param name="agent">Its instructions.</param>
    /// <param name="request">The message.</param>
    /// <param name="history">What the prompt has of earlier turns.</param>
    /// <param name="state">How far the run is.</param>
    /// <param name="shortenedReplies">Of how many of the run's own replies, from the first, the results are shortened.</param>
    public static List<ChatMessage> Build(AgentDefinition agent, RunRequest request, IEnumerable<ChatMessage> history, RunState state, int shortenedReplies = 0)
    {
        List<ChatMessage> messages = [];
        var instructions = agent.Tools.Count > 0 ? $"{agent.Instructions}\n\n{UntrustedText.Rule}".TrimStart() : agent.Instructions;
        if (!string.IsNullOrWhiteSpace(instructions))
        {
            messages.Add(new ChatMessage(ChatRole.System, instructions));
        }

        if (request.Context is { } context)
        {
            messages.Add(new ChatMessage(ChatRole.System, $"Context given with the message, as JSON:\n{context.GetRawText()}"));
        }

        messages.AddRange(history);
        messages.Add(new ChatMessage(ChatRole.User, request.Message));
        AddReplies(messages, state, shortenedReplies, isUnderWay: true);
        return messages;
    }

    /// <summary>An earlier turn: whole, so that a call never stands without its result.</summary>
    /// <param name="message">What the person wrote.</param>
    /// <param name="state">What its run came to.</param>
    /// <param name="shorten">Whether its tool results are shortened.</param>
    public static List<ChatMessage> Turn(string message, RunState state, bool shorten)
    {
        List<ChatMessage> messages = [new ChatMessage(ChatRole.User, message)];
        AddReplies(messages, state, shorten ? state.Replies.Count : 0);
        return messages;
    }

    private static void AddReplies(List<ChatMessage> messages, RunState state, int shortenedReplies, bool isUnderWay = false)
    {
        foreach (var (index, reply) in state.Replies.Index())
        {
            // Models want their signed thoughts back while they call tools; of earlier turns they need none.
            List<AIContent> contents = [.. ReplyText.Contents(reply, withThoughts: isUnderWay)];
            contents.AddRange(reply.Calls.Select(call => ToolCallText.CreateCall(call.ModelId, call.Name, call.Arguments)));
            if (contents.Count == 0)
            {
                continue;
            }

            messages.Add(new ChatMessage(ChatRole.Assistant, contents));
            messages.AddRange(reply.Calls.Select(call => new ChatMessage(
                ChatRole.Tool, [new FunctionResultContent(call.ModelId, ResultOf(call, state, index < shortenedReplies))])));
        }
    }

    private static string ResultOf(RecordedCall call, RunState state, bool shorten)
    {
        var result = state.ResultOf(call.Id) is { } known
            ? UntrustedText.Mark(call.Name, shorten ? CutText.Of(known.Content, ShortResult) : known.Content)
            : state.IsIntended(call.Id) ? Unknown : NoResult;

        // The call stands above it as the model wrote it: without a word it would take the result for that of its own arguments.
        return state.EditOf(call.Id) is { } edited ? $"A person approved this call with changed arguments: {edited}\nWhat came of it:\n{result}" : result;
    }
}
