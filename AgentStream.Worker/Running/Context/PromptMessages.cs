using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Running.Context;

/// <summary>
/// Messages in the order that every server takes: at most one system message, at the beginning; then user and assistant in turn;
/// the results of calls right after the message that made them.
/// Templates of Gemma and Mistral refuse two messages of one role in a row, Mistral's a user after a tool, Qwen's a second system message.
/// </summary>
internal sealed class PromptMessages
{
    /// <summary>The words before an answer without a question: a history that was cut in the middle begins with one.</summary>
    private const string BeginningIsMissing = "[The beginning of this conversation is not here.]";

    /// <summary>The words between the results of calls and what a person said while they were made.</summary>
    private const string SaidMeanwhile = "[The person says something before I go on.]";

    private readonly List<ChatMessage> _messages = [];

    public List<ChatMessage> ToList() => _messages;

    /// <summary>Adds a message; one of the same role as the last becomes a part of that.</summary>
    public void Add(ChatMessage message)
    {
        if (_messages is [.., { } last] && last.Role == message.Role && message.Role != ChatRole.Tool)
        {
            // The last one may belong to a turn that other prompts use too: it is not changed.
            _messages[^1] = new ChatMessage(message.Role, [.. Joined(last.Contents, message.Contents)]);
            return;
        }

        if (message.Role == ChatRole.User && _messages is [.., { Role.Value: "tool" }])
        {
            _messages.Add(new ChatMessage(ChatRole.Assistant, SaidMeanwhile));
        }

        if (message.Role == ChatRole.Assistant && _messages is [] or [{ Role.Value: "system" }])
        {
            _messages.Add(new ChatMessage(ChatRole.User, BeginningIsMissing));
        }

        _messages.Add(message);
    }

    // As one text: there are servers that take no list of parts.
    private static IEnumerable<AIContent> Joined(IList<AIContent> first, IList<AIContent> second)
        => first is [TextContent one] && second is [TextContent other]
        ? [new TextContent($"{one.Text}\n\n{other.Text}")]
        : [.. first, .. second];
}
