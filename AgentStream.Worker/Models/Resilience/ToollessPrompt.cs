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

        // No role but the two that every template knows, in turn, and the person's at the end: what a tool found is told by them.
        List<ChatMessage> told = [];
        foreach (var message in messages.Where(message => message.Role != ChatRole.Tool))
        {
            if (!SpeaksOfTools([message]))
            {
                Add(told, message);
                continue;
            }

            var calls = message.Contents.OfType<FunctionCallContent>().ToList();
            Add(told, new ChatMessage(message.Role, Joined([message.Text, .. calls.Select(call =>
                $"[Called {call.Name} {ToolCallText.ArgumentsOf(call)}]")])));
            Add(told, new ChatMessage(ChatRole.User, Joined(calls.Where(call => results.ContainsKey(call.CallId)).Select(call =>
                $"[Result of {call.Name}]\n{results[call.CallId]}"))));
        }

        return told;
    }

    private static string Joined(IEnumerable<string> texts) => string.Join("\n\n", texts.Where(text => text.Length > 0));

    private static void Add(List<ChatMessage> told, ChatMessage message)
    {
        if (told is [.., { } last] && last.Role == message.Role)
        {
            told[^1] = new ChatMessage(message.Role, Joined([last.Text, message.Text]));
        }
        else if (message.Contents.Any(content => content is not TextContent { Text: "" }))
        {
            told.Add(message);
        }
    }
}
