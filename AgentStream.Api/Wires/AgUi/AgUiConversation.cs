using System.Text;
using System.Text.Json;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Transcript;

namespace AgentStream.Api.Wires.AgUi;

/// <summary>The messages of one run, as a client has them that got all events.</summary>
internal sealed class AgUiConversation
{
    private readonly OrderedDictionary<string, AgUiMessage> _messages = [];
    private readonly Dictionary<string, StringBuilder> _texts = [];

    /// <summary>Arguments as text, which is how AG-UI has them.</summary>
    public static string Text(JsonElement? arguments)
        => arguments switch
        {
            { ValueKind: JsonValueKind.String } text => text.GetString()!,
            { ValueKind: not JsonValueKind.Undefined } json => json.GetRawText(),
            _ => "{}",
        };

    /// <summary>The messages of a whole run that is over, its question first.</summary>
    public static IEnumerable<JsonElement> Of(TranscriptMessage message)
    {
        yield return Json(new AgUiMessage(AgUiIds.ClientIdOf(message), "user") { Content = message.Message });
        var run = new AgUiConversation();
        foreach (var step in message.Steps)
        {
            run.Add(step);
        }

        foreach (var one in run.Messages())
        {
            yield return one;
        }
    }

    /// <summary>All messages, in the order in which they began.</summary>
    public IEnumerable<JsonElement> Messages() => _messages.Keys.ToList().Select(id => Json(WithText(_messages[id])));

    public void Open(string id, string role, string? subagent) => _messages[id] = new AgUiMessage(id, role) { SubagentRunId = subagent };

    public void Append(string id, string text)
    {
        if (!_texts.TryGetValue(id, out var content))
        {
            _texts[id] = content = new StringBuilder();
        }

        content.Append(text);
    }

    /// <summary>Says what a text turned out to be.</summary>
    public void Become(string id, string role) => _messages[id] = _messages[id] with { Role = role };

    public bool Has(string id) => _messages.ContainsKey(id);

    /// <summary>The agent within whose work a message began; <c>null</c>: the run's own.</summary>
    public string? OwnerOf(string id) => _messages[id].SubagentRunId;

    /// <summary>
    /// Those of some thoughts that are not here, with nothing in them: a snapshot without any thought leaves the client's where they are.
    /// </summary>
    public IEnumerable<JsonElement> Emptied(IEnumerable<string> thoughts)
        => thoughts.Where(id => !Has(id)).Select(id => Json(new AgUiMessage(id, "reasoning") { Content = "" }));

    /// <summary>Adds a call. False: it was there with these arguments.</summary>
    public bool Call(string id, string name, string arguments, string? subagent)
    {
        var message = new AgUiMessage(id, "assistant")
        {
            ToolCalls = [new AgUiToolCall(id, new AgUiFunction(name, arguments))],
            SubagentRunId = subagent,
        };
        var isNew = !_messages.TryGetValue(id, out var known) || known.ToolCalls?[0].Function.Arguments != arguments;
        _messages[id] = message;
        return isNew;
    }

    public bool HasResult(string call) => _messages.Values.Any(message => message.ToolCallId == call);

    /// <summary>Adds a result. False: it was there with this content.</summary>
    public bool Result(string id, string call, string content, string? subagent)
    {
        var isNew = !_messages.TryGetValue(id, out var known) || known.Content != content;
        _messages[id] = new AgUiMessage(id, "tool") { ToolCallId = call, Content = content, SubagentRunId = subagent };
        return isNew;
    }

    /// <summary>Takes a message back. False: there was none.</summary>
    public bool Remove(string id)
    {
        if (!_messages.TryGetValue(id, out var message))
        {
            return false;
        }

        _texts.Remove(id);
        if (message.Role == "reasoning")
        {
            // See Emptied.
            return true;
        }

        return _messages.Remove(id);
    }

    private static JsonElement Json(AgUiMessage message) => JsonSerializer.SerializeToElement(message, AgUiJson.Wire.AgUiMessage);

    private void Add(ReasoningStep step)
    {
        var id = step.StepId.Value;
        var subagent = step.ParentStepId?.Value;
        switch (step)
        {
            case { StepType: StepType.Thought }:
                Open(id, "reasoning", subagent);
                Append(id, step.Content);
                break;
            case { StepType: StepType.FinalAnswer }:
                Open(id, "assistant", subagent);
                Append(id, step.Content);
                break;
            case { StepType: StepType.ToolUse, ToolCallId: { } call }:
                Call(call.Value, step.ToolName ?? "", Text(step.Arguments), subagent);
                break;
            case { StepType: StepType.ToolResult, ToolCallId: { } call }:
                Result(id, call.Value, step.Content, subagent);
                break;
            default:
                break;
        }
    }

    private AgUiMessage WithText(AgUiMessage message)
        => message.ToolCalls is null && message.ToolCallId is null
            ? message with { Content = _texts.TryGetValue(message.Id, out var text) ? text.ToString() : "" }
            : message;
}
