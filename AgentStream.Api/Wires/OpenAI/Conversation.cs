using System.Text.Json;
using AgentStream.Api.Commands;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Api.Wires.OpenAI;

/// <summary>What the agent is told beside the message: the context of a run.</summary>
internal sealed record Instructions
{
    [System.Text.Json.Serialization.JsonPropertyName("instructions")]
    public required string Text { get; init; }
}

/// <summary>A conversation as callers send it, message after message: who spoke, and what.</summary>
internal sealed class Conversation
{
    private const string Paragraph = "\n\n";

    private readonly List<string> _instructions = [];
    private readonly List<HistoryMessage> _turns = [];

    /// <summary>The number of messages that an agent has said.</summary>
    public bool HasAnswers => _turns.Exists(turn => turn.Role == "assistant");

    /// <summary>What was asked last, with all that was asked since the last answer, as one message; <c>null</c>: nothing.</summary>
    public string? Asked => _turns.Count == 0 || HasAnswers ? null : string.Join(Paragraph, _turns.Select(turn => turn.Content));

    /// <summary>What was asked last; <c>null</c>: the last word is not the user's.</summary>
    public string? Message => _turns is [.., { Role: "user" } last] ? last.Content : null;

    /// <summary>
    /// What was said before the last message, as much of its end as an agent can be given; <c>null</c>: nothing was.
    /// </summary>
    public IReadOnlyList<HistoryMessage>? History
    {
        get
        {
            var room = HistoryRules.MaxCharacters;
            var said = _turns.SkipLast(1).Reverse().Take(HistoryRules.MaxMessages)
                .TakeWhile(turn => (room -= turn.Content!.Length) >= 0).Reverse().ToList();
            return said.Count == 0 ? null : said;
        }
    }

    /// <summary>What the system said, as the context of a run; <c>null</c>: nothing.</summary>
    public JsonElement? Context => _instructions.Count == 0
        ? null
        : JsonSerializer.SerializeToElement(
            new Instructions { Text = string.Join(Paragraph, _instructions) }, OpenAIJson.Wire.Instructions);

    /// <summary>Adds what somebody said. What is blank, or said by tools, has no place in an agent's history.</summary>
    /// <returns>The reason why it can't be taken.</returns>
    public Refusal? Add(string? role, JsonElement? content, string param)
    {
        if (role is "tool" or "function")
        {
            return null;
        }

        if (role is not ("system" or "developer" or "user" or "assistant"))
        {
            return OpenAIError.Of($"{param}.role takes system, developer, user, assistant or tool.", $"{param}.role");
        }

        if (ContentText.Read(content, $"{param}.content").IsRefused(out var refusal, out var text))
        {
            return refusal;
        }

        if (!string.IsNullOrWhiteSpace(text))
        {
            Add(role, text);
        }

        return null;
    }

    private void Add(string role, string text)
    {
        if (role is "system" or "developer")
        {
            _instructions.Add(text);
        }
        else
        {
            _turns.Add(new HistoryMessage { Role = role, Content = text });
        }
    }
}
