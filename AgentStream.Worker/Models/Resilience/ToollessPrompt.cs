using System.Text;
using AgentStream.Worker.Tools.Arguments;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Models.Resilience;

/// <summary>
/// A conversation for a model that knows no tools: what was called, and what came of it, as text.
/// Templates without tools leave such messages out, or fail at them.
/// </summary>
internal static class ToollessPrompt
{
    public static bool SpeaksOfTools(IEnumerable<ChatMessage> messages) =>
        messages.Any(message => message.Contents.Any(content => content is FunctionCallContent or FunctionResultContent));

    public static List<ChatMessage> Of(IReadOnlyList<ChatMessage> messages)
    {
        if (!SpeaksOfTools(messages))
        {
            return [.. messages];
        }

        Dictionary<string, string> results = new(StringComparer.Ordinal);
        foreach (var result in messages.SelectMany(message => message.Contents).OfType<FunctionResultContent>())
        {
            results[result.CallId] = result.Result?.ToString() ?? "";
        }

        // Each result stands where its call did: no role but the two that every template knows,
        // and no two of the same in a row that were not before.
        List<ChatMessage> told = [];
        foreach (var message in messages.Where(message => message.Role != ChatRole.Tool))
        {
            if (!SpeaksOfTools([message]))
            {
                Add(told, message);
                continue;
            }

            var text = new StringBuilder(message.Text);
            foreach (var call in message.Contents.OfType<FunctionCallContent>())
            {
                text.Append(text.Length > 0 ? "\n\n" : "")
                    .Append("[Called ")
                    .Append(call.Name)
                    .Append(' ')
                    .Append(ToolCallText.ArgumentsOf(call))
                    .Append(']');
                if (results.TryGetValue(call.CallId, out var result))
                {
                    text.Append('\n').Append(result);
                }
            }

            Add(told, new ChatMessage(message.Role, text.ToString()));
        }

        return told;
    }

    private static void Add(List<ChatMessage> told, ChatMessage message)
    {
        if (message.Role == ChatRole.Assistant && told is [.., { } last] && last.Role == ChatRole.Assistant)
        {
            told[^1] = new ChatMessage(ChatRole.Assistant, $"{last.Text}\n\n{message.Text}".Trim());
        }
        else
        {
            told.Add(message);
        }
    }
}
