using System.Text;
using AgentStream.Worker.Models.Pipeline;
using AgentStream.Worker.Tools.Arguments;
using Anthropic.Models.Messages;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Models.AnthropicMessages;

/// <summary>
/// Reads one streamed reply beside the SDK's own reading, which says neither whether the reply is whole,
/// nor what arguments that are no JSON were, and loses the input's tokens where the last event does not repeat them:
/// <code>
/// event: message_start {"message":{"usage":{"input_tokens":25,...}}} event:
/// content_block_start {"index":0,"content_block":{"type":"thinking",...}} event:
/// content_block_delta {"index":0,"delta":{"type":"thinking_delta","thinking":"..."}} (text_delta, signature_delta,
/// input_json_delta) event: content_block_stop {"index":0} event:
/// message_delta {"delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":15}} event: message_stop
/// </code>
/// </summary>
internal sealed class AnthropicReply(string origin)
{
    private readonly Dictionary<long, ThoughtBlock> _thoughts = [];
    private readonly Dictionary<long, StringBuilder> _words = [];
    private readonly Dictionary<long, string> _callIds = [];
    private readonly Dictionary<string, StringBuilder> _arguments = new(StringComparer.Ordinal);
    private Tokens _tokens = new();

    /// <summary>Its last event was seen.</summary>
    public bool IsWhole { get; private set; }

    /// <summary>The update as the rest of the worker understands it. Has no usage: that comes last, from <see cref="Usage"/>.</summary>
    public ChatResponseUpdate Read(ChatResponseUpdate update)
    {
        List<AIContent> contents = [.. update.Contents.Select(Translate).OfType<AIContent>()];
        switch ((update.RawRepresentation as RawMessageStreamEvent)?.Value)
        {
            case RawMessageStartEvent { Message.Usage: { } usage }:
                _tokens = _tokens.With(
                    usage.InputTokens, usage.CacheReadInputTokens, usage.CacheCreationInputTokens, usage.OutputTokens,
                    usage.OutputTokensDetails?.ThinkingTokens);
                break;
            case RawContentBlockStartEvent start:
                Begin(start);
                break;
            case RawContentBlockDeltaEvent delta:
                Continue(delta);
                break;
            case RawContentBlockStopEvent stop when _thoughts.TryGetValue(stop.Index, out var thought):
                // Compatible servers do not sign them (DeepSeek, Kimi), and want them back all the same.
                if (thought is { Thinking: null } or { Signature.Length: > 0 } || _words[stop.Index].Length > 0)
                {
                    contents.Add(OpaqueThought.Create(
                        origin,
                        (thought.Thinking is null ? thought : thought with { Thinking = _words[stop.Index].ToString() }).ToString()));
                }

                break;
            case RawMessageDeltaEvent delta:
                if (delta.Usage is { } total)
                {
                    // These are of the whole reply so far; what is left out stands as the beginning said it.
                    _tokens = _tokens.With(
                        total.InputTokens, total.CacheReadInputTokens, total.CacheCreationInputTokens, total.OutputTokens,
                        total.OutputTokensDetails?.ThinkingTokens);
                }

                update.FinishReason = FinishReasonOf(delta.Delta.StopReason?.Raw(), update.FinishReason);
                break;
            case RawMessageStopEvent:
                IsWhole = true;
                break;
            default:
                break;
        }

        update.Contents = contents;
        return update;
    }

    /// <summary>The provider's own count; null: nothing.</summary>
    public UsageDetails? Usage => _tokens.ToDetails();

    /// <summary>The SDK does not know this one: what the model can read is full, so the reply ends as at its length.</summary>
    public static ChatFinishReason? FinishReasonOf(string? stopReason, ChatFinishReason? known) =>
        stopReason == "model_context_window_exceeded" ? ChatFinishReason.Length : known;

    private void Begin(RawContentBlockStartEvent start)
    {
        switch (start.ContentBlock.Value)
        {
            case ThinkingBlock thinking:
                _thoughts[start.Index] = new ThoughtBlock("", thinking.Signature);
                _words[start.Index] = new StringBuilder(thinking.Thinking);
                break;
            case RedactedThinkingBlock redacted:
                _thoughts[start.Index] = new ThoughtBlock(null, redacted.Data);
                break;
            case ToolUseBlock call:
                _callIds[start.Index] = call.ID;
                _arguments[call.ID] = new StringBuilder();
                break;
            default:
                break;
        }
    }

    private void Continue(RawContentBlockDeltaEvent delta)
    {
        switch (delta.Delta.Value)
        {
            case ThinkingDelta thinking when _words.TryGetValue(delta.Index, out var words):
                words.Append(thinking.Thinking);
                break;
            case SignatureDelta signature when _thoughts.TryGetValue(delta.Index, out var thought):
                _thoughts[delta.Index] = thought with { Signature = thought.Signature + signature.Signature };
                break;
            case InputJsonDelta input when _callIds.TryGetValue(delta.Index, out var id):
                _arguments[id].Append(input.PartialJson);
                break;
            default:
                break;
        }
    }

    private AIContent? Translate(AIContent content) => content switch
    {
        UsageContent => null,
        TextReasoningContent { Text.Length: 0 } or TextContent { Text.Length: 0 } => null,
        // The signature goes its own way, with the words that it is of.
        TextReasoningContent thought => new TextReasoningContent(thought.Text),
        FunctionCallContent call => ToolCallText.CreateCall(call.CallId, call.Name, ArgumentsOf(call.CallId)),
        _ => content,
    };

    private string ArgumentsOf(string callId) => _arguments.TryGetValue(callId, out var text) && text.Length > 0 ? text.ToString() : "{}";

    private sealed record Tokens(
        long? Input = null, long? CacheRead = null, long? CacheWritten = null, long? Output = null, long? Thinking = null)
    {
        public Tokens With(long? input, long? cacheRead, long? cacheWritten, long? output, long? thinking) =>
            new(input ?? Input, cacheRead ?? CacheRead, cacheWritten ?? CacheWritten, output ?? Output, thinking ?? Thinking);

        public UsageDetails? ToDetails()
        {
            if (Input is null && Output is null)
            {
                return null;
            }

            // What was read from or written to the cache is not in input_tokens.
            var input = (Input ?? 0) + (CacheRead ?? 0) + (CacheWritten ?? 0);
            return new UsageDetails
            {
                InputTokenCount = input,
                OutputTokenCount = Output ?? 0,
                TotalTokenCount = input + (Output ?? 0),
                CachedInputTokenCount = CacheRead,
                ReasoningTokenCount = Thinking,
            };
        }
    }
}
