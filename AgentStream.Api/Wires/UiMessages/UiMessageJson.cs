using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace AgentStream.Api.Wires.UiMessages;

/// <summary>The source-generated context of the UI message stream: camelCase, and nothing that is null.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(UiMessageInput))]
[JsonSerializable(typeof(UiSocketRequest))]
[JsonSerializable(typeof(UiSocketAnswer))]
[JsonSerializable(typeof(UiChunk))]
[JsonSerializable(typeof(string))]
internal sealed partial class UiMessageJson : JsonSerializerContext
{
    /// <summary>Chunks are not HTML, so only what JSON itself demands is escaped.</summary>
    public static UiMessageJson Wire => Holder.Instance;

    // A class of its own, because the generated half initialises its statics in an order that nobody can rely on.
    private static class Holder
    {
        public static readonly UiMessageJson Instance =
            new(new JsonSerializerOptions(Default.GeneratedSerializerOptions!) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }
}
