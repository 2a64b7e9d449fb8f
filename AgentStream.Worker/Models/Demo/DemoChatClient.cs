using System.Runtime.CompilerServices;
using AgentStream.Worker.Models.Resilience;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Models.Demo;

/// <summary>
/// A model without a model: offline, deterministic, and honest about it.
/// It reads the last message by rules, asks for tools as a real model does, and answers from their results
/// alone: it computes nothing itself.
/// What it says next is a function of the conversation, so a run that is taken over goes on where it was.
/// </summary>
/// <param name="tokensPerSecond">Words a second; 0: no pauses.</param>
/// <param name="time">Makes the pauses.</param>
internal sealed class DemoChatClient(double tokensPerSecond, TimeProvider time) : IChatClient
{
    private readonly TimeSpan _pause = tokensPerSecond > 0 ? TimeSpan.FromSeconds(1 / tokensPerSecond) : TimeSpan.Zero;

    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var conversation = messages.ToList();
        var tools = (options?.Tools ?? []).Select(tool => tool.Name).ToHashSet(StringComparer.Ordinal);
        var reply = DemoReply.To(conversation, tools);
        var responseId = $"demo-{conversation.Count}";

        foreach (var piece in WordPieces.Of(reply.Thought))
        {
            await PauseAsync(cancellationToken);
            yield return Update(responseId, new TextReasoningContent(piece));
        }

        foreach (var piece in WordPieces.Of(reply.Text))
        {
            await PauseAsync(cancellationToken);
            yield return Update(responseId, new TextContent(piece));
        }

        cancellationToken.ThrowIfCancellationRequested();
        foreach (var call in reply.Calls)
        {
            yield return Update(responseId, call);
        }

        var end = Update(responseId, new UsageContent(Usage(conversation, reply)));
        end.FinishReason = reply.Calls.Count > 0 ? ChatFinishReason.ToolCalls : ChatFinishReason.Stop;
        yield return end;
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is null && serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
        // Nothing is held.
    }

    private Task PauseAsync(CancellationToken cancellationToken) =>
        _pause == TimeSpan.Zero ? Task.CompletedTask : Task.Delay(_pause, time, cancellationToken);

    // Its tokens are words, and those it can count.
    private static UsageDetails Usage(List<ChatMessage> conversation, DemoReply reply)
    {
        var thought = WordPieces.Of(reply.Thought).Count();
        var input = conversation.Sum(message => WordPieces.Of(message.Text).Count());
        var output = thought + WordPieces.Of(reply.Text).Count() + reply.Calls.Count;
        return new()
        {
            InputTokenCount = input,
            OutputTokenCount = output,
            TotalTokenCount = input + output,
            ReasoningTokenCount = thought,
        };
    }

    private static ChatResponseUpdate Update(string responseId, AIContent content) =>
        new(ChatRole.Assistant, [content]) { ResponseId = responseId, MessageId = responseId, ModelId = "demo" };
}
