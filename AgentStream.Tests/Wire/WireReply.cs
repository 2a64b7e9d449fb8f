using AgentStream.Worker.Tools.Arguments;
using Microsoft.Extensions.AI;

namespace AgentStream.Tests.Wire;

/// <summary>What came of one streamed reply.</summary>
internal sealed class WireReply
{
    public List<ChatResponseUpdate> Updates { get; } = [];

    public string Text => string.Concat(Contents<TextContent>().Select(content => content.Text));

    public string Thought => string.Concat(Contents<TextReasoningContent>().Select(content => content.Text));

    /// <summary>Each call as <c>id name arguments</c>.</summary>
    public IEnumerable<string> Calls
        => Contents<FunctionCallContent>().Select(call => $"{call.CallId} {call.Name} {ToolCallText.ArgumentsOf(call)}");

    public IReadOnlyList<UsageContent> Usage => [.. Contents<UsageContent>()];

    public ChatFinishReason? FinishReason => Updates.LastOrDefault(update => update.FinishReason is not null)?.FinishReason;

    public override string ToString() =>
        $"{Thought}|{Text}|{string.Join(';', Calls)}|{FinishReason}|"
            + string.Join(';', Usage.Select(usage => usage.Details.TotalTokenCount));

    private IEnumerable<T> Contents<T>()
        where T : AIContent => Updates.SelectMany(update => update.Contents).OfType<T>();
}
