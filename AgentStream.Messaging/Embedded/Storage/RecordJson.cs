using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using AgentStream.Messaging.Json;
using AgentStream.Messaging.Session;

namespace AgentStream.Messaging.Embedded.Storage;

/// <summary>The form of records on disk: one line of JSON each, to be read by people with a pager.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    MaxDepth = MessagingJson.MaxDepth)]
[JsonSerializable(typeof(SessionRecord))]
internal sealed partial class RecordJson : JsonSerializerContext
{
    public static RecordJson Disk => DiskHolder.Instance;

    // A class of its own, because the generated half initialises its statics in an order that nobody can rely on.
    private static class DiskHolder
    {
        public static readonly RecordJson Instance =
            new(new JsonSerializerOptions(Default.GeneratedSerializerOptions!) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }
}
