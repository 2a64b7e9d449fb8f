using System.Text.Json.Nodes;
using AgentStream.Worker.Tools.Arguments;
using AgentStream.Worker.Tools.Output;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Models.Demo;

/// <summary>The tool calls since the user's last message, and what came of them.</summary>
internal sealed class ToolResults
{
    private readonly List<(string Tool, JsonNode? Arguments, string Result)> _results = [];

    public bool Any => _results.Count > 0;

    public static ToolResults After(IReadOnlyList<ChatMessage> conversation, int start)
    {
        var found = new ToolResults();
        var contents = conversation.Skip(start + 1).SelectMany(message => message.Contents).ToList();
        var results = contents.OfType<FunctionResultContent>().ToLookup(result => result.CallId, StringComparer.Ordinal);
        foreach (var call in contents.OfType<FunctionCallContent>())
        {
            if (results[call.CallId].FirstOrDefault() is { } result)
            {
                found._results.Add(
                    (call.Name, Json(ToolCallText.ArgumentsOf(call)), UntrustedText.Unmark(ToolResultText.Of(result.Result))));
            }
        }

        return found;
    }

    public bool Has(DemoRequest request) => Find(request) is not null;

    /// <summary>The tool's answer to this, or null.</summary>
    public string? Find(DemoRequest request)
    {
        var arguments = Json(request.Arguments);
        return _results.Where(one => one.Tool == request.Tool && JsonNode.DeepEquals(one.Arguments, arguments))
            .Select(one => one.Result)
            .FirstOrDefault();
    }

    private static JsonNode? Json(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (System.Text.Json.JsonException)
        {
            return null;
        }
    }
}
