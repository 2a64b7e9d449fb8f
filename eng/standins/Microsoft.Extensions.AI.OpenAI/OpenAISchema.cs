using System.Text.Json;
using System.Text.Json.Nodes;

namespace Microsoft.Extensions.AI;

/// <summary>Brings JSON schemas into the form that the endpoint takes.</summary>
internal static class OpenAISchema
{
    private static readonly AIJsonSchemaTransformOptions StrictForm = new()
    {
        ConvertBooleanSchemas = true,
        DisallowAdditionalProperties = true,
        MoveDefaultKeywordToDescription = true,
        RequireAllProperties = true,
    };

    /// <summary>The parameters of a function. Some servers want the four keywords of an object to be there even if there is nothing to say.</summary>
    public static BinaryData Parameters(JsonElement schema, bool strict)
    {
        var parameters = JsonObject.Create(strict ? AIJsonUtilities.TransformSchema(schema, StrictForm) : schema) ?? [];
        parameters.TryAdd("type", "object");
        parameters.TryAdd("properties", new JsonObject());
        parameters.TryAdd("required", new JsonArray());
        parameters.TryAdd("additionalProperties", false);
        return BinaryData.FromString(parameters.ToJsonString());
    }

    /// <summary>The schema of a structured answer.</summary>
    public static BinaryData Strict(JsonElement schema) => BinaryData.FromString(AIJsonUtilities.TransformSchema(schema, StrictForm).GetRawText());
}
