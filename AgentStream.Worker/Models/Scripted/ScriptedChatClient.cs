using System.Runtime.CompilerServices;
using System.Text.Json;
using AgentStream.Worker.Tools.Arguments;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Models.Scripted;

/// <summary>
/// Plays a plan.
/// Which reply comes next depends on the conversation alone (how many replies the last message of the user has had),
/// so a process that was killed and started again goes on right.
/// </summary>
/// <param name="plan">What to play.</param>
/// <param name="directory">Where the plan's files are.</param>
/// <param name="time">Makes the pauses.</param>
internal sealed class ScriptedChatClient(ScriptPlan plan, string directory, TimeProvider time) : IChatClient
{
    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var conversation = messages.ToList();
        var start = conversation.FindLastIndex(message => message.Role == ChatRole.User);
        var message = start < 0 ? "" : conversation[start].Text;
        var number = conversation.Skip(start + 1).Count(one => one.Role == ChatRole.Assistant);
        var script = plan.Scripts.FirstOrDefault(one => one.When is null || message.Contains(one.When, StringComparison.OrdinalIgnoreCase));
        if (script is null || number >= script.Replies.Count)
        {
            throw ScriptedErrors.Exhausted(number);
        }

        var calls = 0;
        ChatFinishReason? finish = null;
        foreach (var action in script.Replies[number])
        {
            cancellationToken.ThrowIfCancellationRequested();
            await ActAsync(action, cancellationToken);
            finish = action.FinishReason is { } reason ? new ChatFinishReason(reason) : finish;
            if (Content(action, conversation.Count, ref calls) is { } content)
            {
                yield return new ChatResponseUpdate(ChatRole.Assistant, [content]) { ModelId = "scripted" };
            }
        }

        yield return new ChatResponseUpdate(ChatRole.Assistant, [])
        {
            ModelId = "scripted",
            FinishReason = finish ?? (calls > 0 ? ChatFinishReason.ToolCalls : ChatFinishReason.Stop),
        };
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is null && serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
        // Nothing is held.
    }

    private async Task ActAsync(ScriptAction action, CancellationToken cancellationToken)
    {
        if (action.DelayMs is { } delay)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(delay), time, cancellationToken);
        }

        if (action.WaitForFile is { } awaited)
        {
            await SignalFile.WaitAsync(PathOf(awaited), cancellationToken);
        }

        if (action.CreateFile is { } created)
        {
            SignalFile.Create(PathOf(created));
        }

        if (action.Fail is { } failure && (failure.OnceFile is not { } once || SignalFile.Create(PathOf(once))))
        {
            throw failure.Status is { } status
                ? ScriptedErrors.OfStatus(status, failure.RetryAfter is { } seconds ? TimeSpan.FromSeconds(seconds) : null)
                : new IOException("The plan breaks the stream here.");
        }
    }

    private static AIContent? Content(ScriptAction action, int position, ref int calls) => action switch
    {
        { Thought: { } thought } => new TextReasoningContent(thought),
        { Text: { } text } => new TextContent(text),
        { ToolCall: { } call } => ToolCallText.CreateCall(call.Id ?? $"script_{position}_{++calls}", call.Name, ArgumentsOf(call)),
        { Usage: { } usage } => new UsageContent(new UsageDetails
        {
            InputTokenCount = usage.Input,
            OutputTokenCount = usage.Output,
            TotalTokenCount = usage.Input + usage.Output,
            ReasoningTokenCount = usage.Reasoning,
        }),
        _ => null,
    };

    private static string ArgumentsOf(ScriptToolCall call) => call.Arguments.ValueKind switch
    {
        JsonValueKind.String => call.Arguments.GetString()!,
        JsonValueKind.Undefined => "{}",
        _ => call.Arguments.GetRawText(),
    };

    private string PathOf(string file) => Path.Combine(directory, file);
}
