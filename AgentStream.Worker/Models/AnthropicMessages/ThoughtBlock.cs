using System.Text.Json;
using System.Text.Json.Serialization;
using Anthropic.Models.Messages;

namespace AgentStream.Worker.Models.AnthropicMessages;

/// <summary>A thinking block as Claude wants it back, word for word: it checks the signature.</summary>
/// <param name="Thinking">The words; null: they are encrypted.</param>
/// <param name="Signature">Of the words, or, where there are none, the encrypted block itself.</param>
internal sealed record ThoughtBlock(string? Thinking, string Signature)
{
    public static ThoughtBlock? Read(string data)
    {
        try
        {
            return JsonSerializer.Deserialize(data, ThoughtBlockJson.Default.ThoughtBlock);
        }
        catch (JsonException)
        {
            // Of another version of ours, perhaps: a thought less is no reason to fail.
            return null;
        }
    }

    public override string ToString() => JsonSerializer.Serialize(this, ThoughtBlockJson.Default.ThoughtBlock);

    public ContentBlockParam ToParam() => Thinking is null
        ? new RedactedThinkingBlockParam { Data = Signature }
        : new ThinkingBlockParam { Thinking = Thinking, Signature = Signature };
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ThoughtBlock))]
internal sealed partial class ThoughtBlockJson : JsonSerializerContext;
