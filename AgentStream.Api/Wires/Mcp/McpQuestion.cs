using System.Text.Json;
using AgentStream.Api.Wires.JsonRpc;
using AgentStream.Api.Wires.Runs;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Api.Wires.Mcp;

/// <summary>A tool call that asks a person, as a form that the client of MCP shows.</summary>
internal static class McpQuestion
{
    public const string Method = "elicitation/create";

    private const char Separator = '.';

    /// <summary>Whether a client shows forms, which it does unless it says that it shows something else.</summary>
    public static bool IsShownBy(JsonElement? capabilities)
    {
        var elicitation = capabilities.Member("elicitation");
        return elicitation.IsObject() && (elicitation.Member("form") is not null || elicitation.Member("url") is null);
    }

    public static McpElicit Of(string toolName, JsonElement? arguments)
        => new($"{toolName} asks before it runs, with {arguments?.GetRawText() ?? "{}"}.");

    /// <summary>Questions as a part of a result, by the ids of their calls.</summary>
    public static IReadOnlyDictionary<string, McpInputRequest> All(
        IEnumerable<(ToolCallId Call, string ToolName, JsonElement? Arguments)> asked)
        => asked.ToDictionary(
            one => one.Call.Value, one => new McpInputRequest(Method, Of(one.ToolName, one.Arguments)), StringComparer.Ordinal);

    /// <summary>The id of a question that is a request of its own: it says which call it is about.</summary>
    public static string IdOf(RunAddress run, ToolCallId call) => $"{run}{Separator}{call.Value}";

    public static bool TryParseId(string? id, out RunAddress run, out string call)
    {
        (run, call) = (default, "");
        if (id?.Split(Separator) is not [var address, var last] || !RunAddress.TryParse(address, out run))
        {
            return false;
        }

        call = last;
        return true;
    }

    /// <summary>What a person said. Whoever leaves the form without an answer has not allowed anything.</summary>
    /// <param name="run">The run.</param>
    /// <param name="call">The call.</param>
    /// <param name="answer"><c>{"action": "accept", "content": {"approved": true}}</c></param>
    public static ToolApprovalPayload AnswerOf(RunAddress run, string call, JsonElement? answer)
    {
        var content = answer.Member("content");
        return new ToolApprovalPayload
        {
            RunId = run.RunId.Value,
            ToolCallId = call,
            Approved = answer.Member("action").Text() == "accept" && content.Member("approved") is { ValueKind: JsonValueKind.True },
            Reason = content.Member("reason").Text() is { Length: > 0 } reason ? reason : null,
        };
    }
}
