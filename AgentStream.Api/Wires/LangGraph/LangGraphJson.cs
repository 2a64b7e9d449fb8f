using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace AgentStream.Api.Wires.LangGraph;

/// <summary>The source-generated context of LangGraph's API: snake_case, and nothing that is null.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(LangGraphInput))]
[JsonSerializable(typeof(LangGraphNewThread))]
[JsonSerializable(typeof(LangGraphHistoryQuery))]
[JsonSerializable(typeof(LangGraphMessage[]))]
[JsonSerializable(typeof(LangGraphUpdate))]
[JsonSerializable(typeof(LangGraphMetadata))]
[JsonSerializable(typeof(LangGraphFailure))]
[JsonSerializable(typeof(LangGraphError))]
[JsonSerializable(typeof(LangGraphThread))]
[JsonSerializable(typeof(LangGraphState[]))]
[JsonSerializable(typeof(LangGraphRun[]))]
internal sealed partial class LangGraphJson : JsonSerializerContext
{
    /// <summary>Events are not HTML, so only what JSON itself demands is escaped.</summary>
    public static LangGraphJson Wire => Holder.Instance;

    // A class of its own, because the generated half initialises its statics in an order that nobody can rely on.
    private static class Holder
    {
        public static readonly LangGraphJson Instance =
            new(new JsonSerializerOptions(Default.GeneratedSerializerOptions!) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }
}
