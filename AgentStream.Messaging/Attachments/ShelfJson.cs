using System.Text.Json.Serialization;

namespace AgentStream.Messaging.Attachments;

/// <summary>The form in which both homes keep what is known of an attachment.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ShelvedAttachment))]
internal sealed partial class ShelfJson : JsonSerializerContext
{
    public static ShelfJson Kept => Default;
}
