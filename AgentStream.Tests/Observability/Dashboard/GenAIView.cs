using System.Text.Json;
using AgentStream.Tests.Observability.Collector;

namespace AgentStream.Tests.Observability.Dashboard;

/// <summary>
/// Captured content, read as strictly as the JSON schemas of the conventions allow (v1.41.1:
/// gen-ai-input-messages, gen-ai-output-messages, gen-ai-system-instructions, gen-ai-tool-definitions),
/// which are what the GenAI view of the Aspire dashboard (13.5.2) reads from a span's attributes.
/// </summary>
internal static class GenAIView
{
    private static readonly string[] Roles = ["system", "user", "assistant", "tool"];
    private static readonly string[] FinishReasons = ["stop", "length", "content_filter", "tool_call", "error"];

    /// <summary>The dashboard offers its view of spans with this, and of no others.</summary>
    public static bool Shows(ReceivedSpan span) => span.Attributes.GetValueOrDefault("gen_ai.provider.name", "").Length > 0;

    /// <summary>What was said to the model or the agent, a line for each message: <c>user: text(hello)</c>.</summary>
    public static IReadOnlyList<string> Input(ReceivedSpan span)
        => [.. Array(span, "gen_ai.input.messages").Select(message => Message(message, isOutput: false))];

    /// <summary>What came of it, with why it ended: <c>assistant: text(hello) stop</c>.</summary>
    public static IReadOnlyList<string> Output(ReceivedSpan span)
        => [.. Array(span, "gen_ai.output.messages").Select(message => Message(message, isOutput: true))];

    public static IReadOnlyList<string> Instructions(ReceivedSpan span) => [.. Array(span, "gen_ai.system_instructions").Select(Part)];

    /// <summary>The names of the tools that the model was offered.</summary>
    public static IReadOnlyList<string> Tools(ReceivedSpan span) => [.. Array(span, "gen_ai.tool.definitions").Select(Tool)];

    private static IEnumerable<JsonElement> Array(ReceivedSpan span, string attribute)
    {
        Assert.True(span.Attributes.TryGetValue(attribute, out var json), $"{span.Name} has no {attribute}");
        return JsonElement.Parse(json).EnumerateArray();
    }

    private static string Message(JsonElement message, bool isOutput)
    {
        AssertNames(message, isOutput ? ["role", "parts", "finish_reason"] : ["role", "parts"]);
        var role = Text(message, "role");
        Assert.Contains(role, Roles);
        var parts = string.Join(' ', message.GetProperty("parts").EnumerateArray().Select(Part));
        if (!isOutput)
        {
            return $"{role}: {parts}";
        }

        // Anything else than an assistant's message the dashboard shows as one of the input.
        Assert.Equal("assistant", role);
        var reason = Text(message, "finish_reason");
        Assert.Contains(reason, FinishReasons);
        return $"{role}: {parts} {reason}";
    }

    private static string Part(JsonElement part)
    {
        var type = Text(part, "type");
        switch (type)
        {
            case "text" or "reasoning":
                AssertNames(part, ["type", "content"]);
                return $"{type}({Text(part, "content")})";
            case "tool_call":
                AssertNames(part, ["type", "id", "name", "arguments"]);
                Assert.NotEmpty(Text(part, "id"));
                return $"{type}({Text(part, "name")} {part.GetProperty("arguments").GetRawText()})";
            case "tool_call_response":
                AssertNames(part, ["type", "id", "response"]);
                Assert.NotEmpty(Text(part, "id"));
                return $"{type}({Text(part, "response")})";
            default:
                Assert.Fail($"a part of type {type}");
                return "";
        }
    }

    private static string Tool(JsonElement tool)
    {
        AssertNames(tool, ["type", "name", "description", "parameters"]);
        Assert.Equal("function", Text(tool, "type"));
        Assert.NotEmpty(Text(tool, "description"));
        Assert.Equal("object", Text(tool.GetProperty("parameters"), "type"));
        return Text(tool, "name");
    }

    private static string Text(JsonElement element, string name)
    {
        var value = element.GetProperty(name);
        Assert.Equal(JsonValueKind.String, value.ValueKind);
        return value.GetString()!;
    }

    private static void AssertNames(JsonElement element, string[] names)
        => Assert.Equal(names, element.EnumerateObject().Select(property => property.Name));
}
