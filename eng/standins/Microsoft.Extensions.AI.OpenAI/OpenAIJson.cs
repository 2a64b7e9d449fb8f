using System.Text.Json.Serialization.Metadata;

namespace Microsoft.Extensions.AI;

/// <summary>How arguments and results are written and read.</summary>
internal static class OpenAIJson
{
    public static JsonTypeInfo<IDictionary<string, object?>> Arguments { get; } =
        (JsonTypeInfo<IDictionary<string, object?>>)AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(IDictionary<string, object?>));

    public static JsonTypeInfo Anything { get; } = AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(object));
}
