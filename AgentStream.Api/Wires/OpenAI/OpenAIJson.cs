using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using AgentStream.Api.Wires.OpenAI.Chat;
using AgentStream.Api.Wires.OpenAI.Responses;

namespace AgentStream.Api.Wires.OpenAI;

/// <summary>The source-generated context of both OpenAI wires: snake_case, what has no value is left out.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(OpenAIErrorBody))]
[JsonSerializable(typeof(Instructions))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(ModelBody))]
[JsonSerializable(typeof(ModelListBody))]
[JsonSerializable(typeof(ChatRequest))]
[JsonSerializable(typeof(ChatChunk))]
[JsonSerializable(typeof(ChatCompletion))]
[JsonSerializable(typeof(ResponseRequest))]
[JsonSerializable(typeof(ResponseEvent))]
[JsonSerializable(typeof(ResponseBody))]
internal sealed partial class OpenAIJson : JsonSerializerContext
{
    /// <summary>Answers are not HTML, so only what JSON itself demands is escaped.</summary>
    public static OpenAIJson Wire => WireHolder.Instance;

    // A class of its own, because the generated half initialises its statics in an order that nobody can rely on.
    private static class WireHolder
    {
        public static readonly OpenAIJson Instance =
            new(new JsonSerializerOptions(Default.GeneratedSerializerOptions!) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }
}
