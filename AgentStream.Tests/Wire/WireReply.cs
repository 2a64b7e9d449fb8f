using System.Text.Encodings.Web;
using System.Text.Json;
using AgentStream.Worker.Tools.Arguments;
using Microsoft.Extensions.AI;

namespace AgentStream.Tests.Wire;

/// <summary>What came of one streamed reply.</summary>
internal sealed class WireReply
{
    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public List<ChatResponseUpdate> Updates { get; } = [];

    public string Text => string.Concat(Contents<TextContent>().Select(content => content.Text));

    public string Thought => string.Concat(Contents<TextReasoningContent>().Select(content => content.Text));

    /// <summary>Each call as <c>id name arguments</c>; arguments that are JSON without what means nothing in it.</summary>
    public IEnumerable<string> Calls
        => Contents<FunctionCallContent>().Select(call => $"{call.CallId} {call.Name} {Plain(ToolCallText.ArgumentsOf(call))}");

    public IReadOnlyList<UsageContent> Usage => [.. Contents<UsageContent>()];

    public ChatFinishReason? FinishReason => Updates.LastOrDefault(update => update.FinishReason is not null)?.FinishReason;

    public override string ToString() =>
        $"{Thought}|{Text}|{string.Join(';', Calls)}|{FinishReason}|"
            + string.Join(';', Usage.Select(usage => usage.Details.TotalTokenCount));

    private static string Plain(string arguments)
    {
        try
        {
            return JsonSerializer.Serialize(JsonElement.Parse(arguments), Relaxed);
        }
        catch (JsonException)
        {
            return arguments;
        }
    }

    private IEnumerable<T> Contents<T>()
        where T : AIContent => Updates.SelectMany(update => update.Contents).OfType<T>();
}
