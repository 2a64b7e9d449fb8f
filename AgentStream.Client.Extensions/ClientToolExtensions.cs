using System.Text.Json;
using Microsoft.Extensions.AI;

namespace AgentStream.Client;

/// <summary>Functions of this program as tools of a message.</summary>
public static class ClientToolExtensions
{
    /// <summary>
    /// A function that the agent may call in the run of a message (<see cref="AskOptions.Tools"/>), and that this program executes.
    /// </summary>
    /// <param name="function">The function.</param>
    public static ClientTool AsClientTool(this AIFunction function)
    {
        ArgumentNullException.ThrowIfNull(function);
        return new ClientTool
        {
            Name = function.Name,
            Description = function.Description,
            Parameters = function.JsonSchema,
            Execute = async (call, cancellationToken) => TextOf(
                await function.InvokeAsync(ArgumentsOf(call.Arguments), cancellationToken).ConfigureAwait(false), function),
        };
    }

    private static AIFunctionArguments ArgumentsOf(JsonElement? arguments)
        => arguments is { ValueKind: JsonValueKind.Object } given
            ? new AIFunctionArguments(given.EnumerateObject().ToDictionary(one => one.Name, one => (object?)one.Value))
            : new AIFunctionArguments();

    private static string TextOf(object? result, AIFunction function) => result switch
    {
        null => "",
        string text => text,
        JsonElement { ValueKind: JsonValueKind.String } text => text.GetString()!,
        JsonElement json => json.GetRawText(),
        _ => JsonSerializer.Serialize(result, function.JsonSerializerOptions.GetTypeInfo(result.GetType())),
    };
}
