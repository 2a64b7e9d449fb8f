using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Tools.Arguments;

/// <summary>The arguments of a tool call as text: what goes into the log, the checkpoint and the argument reader.</summary>
public static class ToolCallText
{
    /// <summary>
    /// The place where a chat client of ours leaves the arguments of a call word for word:
    /// JSON that is written again is the same to a reader, but not to a cache of prompts.
    /// </summary>
    public const string RawArgumentsProperty = "raw_arguments";

    private static readonly JsonTypeInfo ArgumentsType = AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(IDictionary<string, object?>));

    private const string Unreadable = "(unreadable)";

    /// <summary>The arguments as JSON, or, if they were none, whatever the model wrote instead.</summary>
    public static string ArgumentsOf(FunctionCallContent call)
    {
        if (call.AdditionalProperties?.TryGetValue(RawArgumentsProperty, out string? raw) == true && raw is not null)
        {
            return raw;
        }

        // A client that could not parse the arguments and kept no text of them: anything that is not JSON says so truthfully.
        return call.Exception is null ? Text(call.Arguments ?? new Dictionary<string, object?>()) : Unreadable;
    }

    /// <summary>A call with the arguments as the model wrote them, JSON or not.</summary>
    public static FunctionCallContent CreateCall(string callId, string name, string arguments)
    {
        var call = FunctionCallContent.CreateFromParsedArguments(
            arguments, callId, name, static text => string.IsNullOrWhiteSpace(text) ? new Dictionary<string, object?>() : Parse(text));
        call.AdditionalProperties = new() { [RawArgumentsProperty] = arguments };
        return call;
    }

    /// <summary>
    /// The arguments word for word if they are a JSON object, and otherwise an empty one: there are servers that refuse a prompt for them.
    /// </summary>
    internal static string ObjectOf(FunctionCallContent call) =>
        call is { Exception: null, Arguments: not null } && ArgumentsOf(call) is var text && !string.IsNullOrWhiteSpace(text) ? text : "{}";

    private static string Text(IDictionary<string, object?> arguments)
    {
        try
        {
            return JsonSerializer.Serialize(JsonSerializer.SerializeToElement(arguments, ArgumentsType),
                ToolJsonContext.Relaxed.JsonElement);
        }
        catch (JsonException)
        {
            // Half of a character somewhere, which is no text.
            return Unreadable;
        }
    }

    // What could not be written again must not get into a prompt as if it could.
    private static IDictionary<string, object?>? Parse(string json) => JsonCharacters.AreWhole(JsonElement.Parse(json))
        ? (IDictionary<string, object?>?)JsonSerializer.Deserialize(json, ArgumentsType)
        : throw new JsonException("The arguments escape half of a character.");
}
