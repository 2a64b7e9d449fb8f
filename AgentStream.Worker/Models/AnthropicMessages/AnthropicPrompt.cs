using AgentStream.Worker.Models.Pipeline;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Models.AnthropicMessages;

/// <summary>Brings a prompt into the form that the messages API takes.</summary>
internal static class AnthropicPrompt
{
    public static List<ChatMessage> Prepare(IEnumerable<ChatMessage> messages)
    {
        List<ChatMessage> prepared = [];
        foreach (var message in messages)
        {
            var contents = message.Contents.Select(Prepare).OfType<AIContent>().ToList();
            if (message.Role == ChatRole.Tool && prepared is [.., { } last] && last.Role == ChatRole.Tool)
            {
                // The results of calls that were made side by side stand in one message.
                last.Contents = [.. last.Contents, .. contents];
            }
            else if (contents.Count > 0)
            {
                prepared.Add(new ChatMessage(message.Role, contents));
            }
        }

        return prepared;
    }

    /// <summary>
    /// The model called tools without a thought of its own to be seen: asked with a budget for thinking,
    /// the API refuses to go on with such a reply.
    /// </summary>
    public static bool GoesOnWithoutThought(IReadOnlyList<ChatMessage> prepared)
    {
        var reply = prepared.LastOrDefault(message => message.Role == ChatRole.Assistant);
        return prepared is [.., { } last]
            && last.Role == ChatRole.Tool
            && reply is not null
            && !reply.Contents.Any(content => content.RawRepresentation is Anthropic.Models.Messages.ContentBlockParam);
    }

    private static AIContent? Prepare(AIContent content) => content switch
    {
        _ when OpaqueThought.TryRead(content, out _, out var data) =>
            ThoughtBlock.Read(data) is { } block ? new AIContent { RawRepresentation = block.ToParam() } : null,
        // Words without a signature are nothing that Claude takes back.
        TextReasoningContent => null,
        FunctionCallContent call => new FunctionCallContent(IdOf(call.CallId), call.Name, call.Arguments),
        FunctionResultContent result => new FunctionResultContent(IdOf(result.CallId), result.Result),
        _ => content,
    };

    // Another model may have made the call, with characters in its id that this API refuses.
    private static string IdOf(string callId)
        => callId.All(IsAllowed) ? callId : string.Concat(callId.Select(letter => IsAllowed(letter) ? letter : '_'));

    private static bool IsAllowed(char letter) => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-';
}
