using AgentStream.Messaging.Queue;
using AgentStream.Worker.Agents;
using AgentStream.Worker.Models.Pipeline;
using AgentStream.Worker.Running.Attachments;
using AgentStream.Worker.Running.Checkpoints;
using AgentStream.Worker.Running.ReAct;
using AgentStream.Worker.Tools.Arguments;
using AgentStream.Worker.Tools.Output;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Running.Context;

/// <summary>
/// Makes the messages that the model gets: instructions, context, earlier turns, the message, and what its run has come to.
/// </summary>
internal static class PromptBuilder
{
    /// <summary>Stands in for the result of a call that has none, since providers refuse a call without one.</summary>
    private const string NoResult = "This call was not executed: the run ended before.";

    /// <summary>The same for a call that had begun.</summary>
    private const string Unknown =
        "It is not known whether this call took effect: the run ended before its result was known. Check before trying again.";

    /// <summary>Characters of a shortened tool result: its beginning and its end.</summary>
    private const int ShortResult = 600;

    /// <param name="agent">Its instructions.</param>
    /// <param name="request">The message.</param>
    /// <param name="history">What the prompt has of earlier turns.</param>
    /// <param name="state">How far the run is.</param>
    /// <param name="attached">What the model gets of the message's files.</param>
    /// <param name="shortenedReplies">Of how many of the run's own replies, from the first, the results are shortened.</param>
    public static List<ChatMessage> Build(
        AgentDefinition agent,
        RunRequest request,
        IEnumerable<ChatMessage> history,
        RunState state,
        AttachedContents attached,
        int shortenedReplies = 0)
    {
        PromptMessages messages = new();
        var instructions = agent.Tools.Count > 0 ? $"{agent.Instructions}\n\n{UntrustedText.Rule}".TrimStart() : agent.Instructions;
        if (!string.IsNullOrWhiteSpace(instructions))
        {
            messages.Add(new ChatMessage(ChatRole.System, instructions));
        }

        foreach (var message in history)
        {
            messages.Add(message);
        }

        messages.Add(attached.Message(Words(request), request.Attachments));
        foreach (var message in Replies(state, shortenedReplies))
        {
            messages.Add(message);
        }

        return messages.ToList();
    }

    /// <summary>A message with what came beside it.</summary>
    /// <remarks>
    /// The context comes last: later prompts have the message without it, and caches of prompts keep what two of them begin with.
    /// </remarks>
    public static string Words(RunRequest request) => request.Context is { } context
        ? $"{request.Message}\n\n[Context given with this message, as JSON]\n{context.GetRawText()}"
        : request.Message;

    /// <summary>
    /// An earlier turn: whole, so that a call never stands without its result, and with an assistant's message at its
    /// end, whatever the run came to.
    /// </summary>
    /// <param name="message">What the person sent.</param>
    /// <param name="state">What its run came to.</param>
    /// <param name="shorten">Whether its tool results are shortened.</param>
    public static List<ChatMessage> Turn(ChatMessage message, RunState state, bool shorten)
    {
        List<ChatMessage> messages = [message, .. Replies(state, shorten ? state.Replies.Count : 0)];
        if (messages[^1].Role != ChatRole.Assistant)
        {
            messages.Add(new ChatMessage(ChatRole.Assistant, TurnEnd.Words(state.Ended)));
        }
        else if (state.Ended is { } ended)
        {
            // Cut off: what stands there is not all that the model had to say.
            messages[^1] = new ChatMessage(ChatRole.Assistant, $"{messages[^1].Text}\n\n{TurnEnd.Words(ended)}");
        }

        return messages;
    }

    private static IEnumerable<ChatMessage> Replies(RunState state, int shortenedReplies)
    {
        foreach (var (index, reply) in state.Replies.Index())
        {
            foreach (var text in state.TakenAfter(index))
            {
                yield return new ChatMessage(ChatRole.User, text);
            }

            // Where room is short an answer goes without what led to it; a call does not,
            // since there are servers that refuse one without its thought.
            var shorten = index < shortenedReplies;
            var withThoughts = !shorten || reply.Calls.Count > 0;
            List<AIContent> contents = [.. ReplyText.Contents(reply, withThoughts), .. Calls(reply)];
            if (!contents.Exists(content => content is TextContent or FunctionCallContent))
            {
                // Thoughts alone are no message.
                continue;
            }

            yield return new ChatMessage(ChatRole.Assistant, contents);
            foreach (var call in reply.Calls)
            {
                yield return new ChatMessage(ChatRole.Tool, [new FunctionResultContent(call.ModelId, ResultOf(call, state, shorten))]);
            }
        }

        foreach (var text in state.TakenAfter(state.Replies.Count))
        {
            yield return new ChatMessage(ChatRole.User, text);
        }
    }

    private static IEnumerable<FunctionCallContent> Calls(ReplyRecorded reply)
        => reply.Calls.Select(call => ReplyOrigin.Mark(ToolCallText.CreateCall(call.ModelId, call.Name, call.Arguments), reply.Origin));

    private static string ResultOf(RecordedCall call, RunState state, bool shorten)
    {
        var result = state.ResultOf(call.Id) is { } known
            ? UntrustedText.Mark(call.Name, shorten ? CutText.Of(known.Content, ShortResult) : known.Content)
            : state.IsIntended(call.Id) ? Unknown : NoResult;

        // The call stands above it as the model wrote it: without a word it would take the result for that of its own arguments.
        return state.EditOf(call.Id) is { } edited
            ? $"A person approved this call with changed arguments: {edited}\nWhat came of it:\n{result}"
            : result;
    }
}
