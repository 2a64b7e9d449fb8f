using System.Runtime.CompilerServices;
using AgentStream.Worker.Models.Pipeline;
using AgentStream.Worker.Models.Resilience;
using AgentStream.Worker.Models.Wire;
using AgentStream.Worker.Models.Wire.Refusals;
using Anthropic.Models.Messages;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Models.AnthropicMessages;

/// <summary>
/// Asks Claude through the SDK's own chat client: with thinking, with its signed thoughts sent back as it wants them,
/// and with replies that are only whole when the server said so.
/// </summary>
/// <param name="innerClient">The SDK's.</param>
/// <param name="origin">Provider and model, as signed thoughts name them.</param>
/// <param name="modelId">The model.</param>
/// <param name="settings">Thinking, and the length of a reply.</param>
internal sealed class AnthropicChatClient(IChatClient innerClient, string origin, string modelId, ModelOptions settings)
    : DelegatingChatClient(innerClient)
{
    private volatile ThinkingMode _thinking = ThinkingMode.TryParse(settings.Thinking, out var mode) ? mode : ThinkingMode.Off;

    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var prompt = AnthropicPrompt.Prepare(messages);
        var response = await WithThinkingAsync(prompt, options, (sent, chosen) => base.GetResponseAsync(sent, chosen, cancellationToken));
        foreach (var message in response.Messages)
        {
            message.Contents = [.. message.Contents.SelectMany(Translate)];
        }

        response.FinishReason = AnthropicReply.FinishReasonOf(
            (response.RawRepresentation as Message)?.StopReason?.Raw(), response.FinishReason);
        return response;
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var prompt = AnthropicPrompt.Prepare(messages);
        var reply = new AnthropicReply(origin);
        await using var stream = await WithThinkingAsync(
            prompt,
            options,
            (sent, chosen) => OpenedStream.OpenAsync(base.GetStreamingResponseAsync(sent, chosen, cancellationToken), cancellationToken));
        await foreach (var update in stream.ReadAllAsync())
        {
            yield return reply.Read(update);
            if (reply.IsWhole)
            {
                // Whatever becomes of the connection now is no matter of this reply.
                break;
            }
        }

        if (!reply.IsWhole)
        {
            throw new WireException(WireProblem.CutOff, "The stream ended before the reply did.");
        }

        if (reply.Usage is { } usage)
        {
            yield return new ChatResponseUpdate(ChatRole.Assistant, [new UsageContent(usage)]);
        }
    }

    /// <summary>Models differ in the thinking that they know: one that refuses ours is asked with less, and from then on always.</summary>
    private async Task<T> WithThinkingAsync<T>(List<ChatMessage> prompt, ChatOptions? options, Func<List<ChatMessage>, ChatOptions,
        Task<T>> ask)
    {
        while (true)
        {
            var mode = _thinking;
            var chosen = Choose(prompt, options, mode, out var thinks);
            try
            {
                return await ask(thinks ? prompt : AnthropicPrompt.WithoutThoughts(prompt), chosen);
            }
            catch (WireException refusal) when (refusal.ServerError is { Status: 400 } error && error.Says("signature")
                && AnthropicPrompt.HasThoughts(prompt))
            {
                // Signed for another account, perhaps: without them the conversation goes on.
                prompt = AnthropicPrompt.WithoutThoughts(prompt);
            }
            catch (WireException refusal) when (thinks
                && refusal.ServerError is { Status: 400 } error
                && error.Text.Contains("thinking", StringComparison.Ordinal)
                && error.Refusal.Kind != RefusalKind.PromptTooLong)
            {
                _thinking = mode.Less;
            }
        }
    }

    private ChatOptions Choose(List<ChatMessage> prompt, ChatOptions? options, ThinkingMode mode, out bool thinks)
    {
        var chosen = options?.Clone() ?? new ChatOptions();
        var maxTokens = chosen.MaxOutputTokens ?? settings.MaxOutputTokens;
        var temperature = AnthropicTemperature.Of(chosen);
        chosen.Temperature = null;

        // With a budget the API takes no reply that has called tools without a thought, and beside thinking it takes no temperature.
        var cannotThink = temperature is not null || (mode.Kind == ThinkingKind.Budget && AnthropicPrompt.GoesOnWithoutThought(prompt));
        var thinking = cannotThink ? null : mode.For(maxTokens);
        thinks = thinking is not null;
        if (thinking is not null || temperature is not null)
        {
            chosen.RawRepresentationFactory = _ => AnthropicTemperature.Add(temperature, new MessageCreateParams
            {
                MaxTokens = maxTokens,
                Messages = [],
                Model = chosen.ModelId ?? modelId,
                Thinking = thinking,
            });
        }

        return chosen;
    }

    private IEnumerable<AIContent> Translate(AIContent content) => content.RawRepresentation switch
    {
        ThinkingBlock thinking => [new TextReasoningContent(
            thinking.Thinking), OpaqueThought.Create(origin, new ThoughtBlock(thinking.Thinking, thinking.Signature).ToString())],
        RedactedThinkingBlock redacted => [OpaqueThought.Create(origin, new ThoughtBlock(null, redacted.Data).ToString())],
        _ => [content],
    };
}
