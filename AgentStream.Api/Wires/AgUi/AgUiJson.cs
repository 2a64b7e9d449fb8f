using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace AgentStream.Api.Wires.AgUi;

/// <summary>The source-generated context of AG-UI: camelCase, and nothing that is null.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AgUiInput))]
[JsonSerializable(typeof(AgUiEvent))]
[JsonSerializable(typeof(AgUiMessage))]
[JsonSerializable(typeof(AgUiError))]
[JsonSerializable(typeof(AgUiStopped))]
internal sealed partial class AgUiJson : JsonSerializerContext
{
    /// <summary>Events are not HTML, so only what JSON itself demands is escaped.</summary>
    public static AgUiJson Wire => Holder.Instance;

    // A class of its own, because the generated half initialises its statics in an order that nobody can rely on.
    private static class Holder
    {
        public static readonly AgUiJson Instance =
            new(new JsonSerializerOptions(Default.GeneratedSerializerOptions!) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }
}
