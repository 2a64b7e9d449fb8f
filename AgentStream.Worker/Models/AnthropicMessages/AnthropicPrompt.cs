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

    public static bool HasThoughts(IReadOnlyList<ChatMessage> prepared) => prepared.Any(message => message.Contents.Any(IsThought));

    /// <summary>The same without thoughts: asked not to think, the API refuses them in places.</summary>
    public static List<ChatMessage> WithoutThoughts(List<ChatMessage> prepared)
        => prepared.ConvertAll(message => message.Contents.Any(IsThought)
            ? new ChatMessage(message.Role, [.. message.Contents.Where(content => !IsThought(content))])
            : message);

    /// <summary>
    /// The model called tools without a thought of its own to be seen: asked with a budget for thinking,
    /// the API refuses to go on with such a reply.
    /// </summary>
    public static bool GoesOnWithoutThought(IReadOnlyList<ChatMessage> prepared)
    {
        var reply = prepared.LastOrDefault(message => message.Role == ChatRole.Assistant);
        return prepared is [.., { } last] && last.Role == ChatRole.Tool && reply is not null && !reply.Contents.Any(IsThought);
    }

    private static bool IsThought(AIContent content) => content.RawRepresentation is Anthropic.Models.Messages.ContentBlockParam;

    private static AIContent? Prepare(AIContent content) => content switch
    {
        _ when OpaqueThought.TryRead(content, out _, out var data) =>
            ThoughtBlock.Read(data) is { } block ? new AIContent { RawRepresentation = block.ToParam() } : null,
        // Words without a signature are nothing that Claude takes back.
        TextReasoningContent => null,
        FunctionCallContent call => new FunctionCallContent(call.CallId, call.Name, call.Arguments),
        _ => content,
    };
}
