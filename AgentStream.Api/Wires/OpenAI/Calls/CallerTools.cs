using System.Text.Json;
using AgentStream.Api.Commands;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Api.Wires.OpenAI.Calls;

/// <summary>Reads the tools that a caller executes itself.</summary>
internal static class CallerTools
{
    private const string Function = "function";

    /// <summary>The functions of a request; empty where it has none, or says that none may be called.</summary>
    /// <param name="tools">As they came.</param>
    /// <param name="choice">Which of them the caller wants called.</param>
    /// <param name="isNested">Whether what a function is stands below <c>function</c>, and not beside the type.</param>
    public static Answer<IReadOnlyList<ClientTool>> Read(JsonElement? tools, JsonElement? choice, bool isNested)
    {
        if (Unsupported.IsEmpty(tools) || Unsupported.Text(choice) == "none")
        {
            return Array.Empty<ClientTool>();
        }

        if (tools is not { ValueKind: JsonValueKind.Array } list)
        {
            return OpenAIError.Of("tools takes an array of functions.", "tools");
        }

        if (!Unsupported.IsEmpty(choice) && Unsupported.Text(choice) != "auto")
        {
            return OpenAIError.Of("tool_choice takes auto or none: an agent decides itself what it calls.", "tool_choice");
        }

        List<ClientTool> read = [];
        foreach (var tool in list.EnumerateArray())
        {
            if (FunctionOf(tool, isNested) is not { } function)
            {
                return OpenAIError.Of($"tools[{read.Count}] is no function: an agent calls no other tools of a caller.", "tools");
            }

            read.Add(new ClientTool
            {
                Name = TextOf(function, "name"u8),
                Description = TextOf(function, "description"u8),
                Parameters = function.TryGetProperty("parameters"u8, out var schema) ? schema : null,
            });
        }

        return ClientToolRules.ProblemOf(read) is { } problem ? OpenAIError.Of(problem, "tools") : read;
    }

    private static JsonElement? FunctionOf(JsonElement tool, bool isNested)
        => tool.ValueKind != JsonValueKind.Object || TextOf(tool, "type"u8) != Function ? null
            : !isNested ? tool
            : tool.TryGetProperty(Function, out var function) && function.ValueKind == JsonValueKind.Object ? function : null;

    private static string? TextOf(JsonElement of, ReadOnlySpan<byte> name)
        => of.TryGetProperty(name, out var text) ? Unsupported.Text(text) : null;
}
