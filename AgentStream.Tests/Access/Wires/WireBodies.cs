using System.Net;

namespace AgentStream.Tests.Access.Wires;

/// <summary>The routes of wires of others that take a message, with the body in which each names its session.</summary>
internal static class WireBodies
{
    private const string Mcp = "POST /mcp";

    private static readonly Dictionary<string, Func<string, string, object>> All = new()
    {
        ["POST /ag-ui/{agent}"] = (session, text) => new
        {
            threadId = session,
            runId = Guid.NewGuid(),
            messages = new[] { new { id = Guid.NewGuid(), role = "user", content = text } },
        },
        ["POST /api/chat"] = (session, text) => new
        {
            id = session,
            trigger = "submit-message",
            messages = new[] { new { id = Guid.NewGuid(), role = "user", parts = new[] { new { type = "text", text } } } },
        },
        ["POST /v1/chat/completions"] = (session, text) => new
        {
            stream = true,
            model = "assistant",
            metadata = new { session_id = session },
            messages = new[] { new { role = "user", content = text } },
        },
        ["POST /v1/responses"] = (session, text) => new { stream = true, model = "assistant", conversation = session, input = text },
        [Mcp] = (session, text) => new
        {
            jsonrpc = "2.0",
            id = 1,
            method = "tools/call",
            @params = new { name = "assistant", arguments = new { message = text, session_id = session } },
        },
        ["POST /a2a/{agent}"] = (session, text) => new
        {
            jsonrpc = "2.0",
            id = 1,
            method = "SendStreamingMessage",
            @params = new
            {
                message = new { messageId = Guid.NewGuid(), contextId = session, role = "ROLE_USER", parts = new[] { new { text } } },
            },
        },
        ["POST /threads/{session_id}/runs/stream"] = (_, text) => new
        {
            assistant_id = "assistant",
            input = new { messages = new[] { new { type = "human", content = text } } },
        },
    };

    // It names a session, and says nothing in it.
    private static readonly Dictionary<string, Func<string, string, object>> Naming = new()
    {
        ["POST /threads"] = (session, _) => new { thread_id = session },
    };

    /// <summary>Method and pattern of each.</summary>
    public static IReadOnlyList<string> Names => [.. All.Keys];

    /// <summary>The same, for a theory.</summary>
    public static TheoryData<string> Routes => [.. All.Keys];

    public static bool IsOne(string route) => All.ContainsKey(route) || Naming.ContainsKey(route);

    /// <summary>A message for a session.</summary>
    public static object Of(string route, string session, string text = "hello")
        => (All.GetValueOrDefault(route) ?? Naming[route])(session, text);

    /// <summary>
    /// Whether a message was refused for a reason that has a status.
    /// What is wrong with the message itself, MCP tells the model that called, in the result of its call.
    /// </summary>
    public static async Task<bool> IsRefusedAsync(string route, HttpResponseMessage response, HttpStatusCode status)
        => route == Mcp
            ? response.StatusCode == HttpStatusCode.OK
                && (await response.Content.ReadAsStringAsync()).Contains("\"isError\":true", StringComparison.Ordinal)
            : response.StatusCode == status;

    /// <summary>The address of a route, for a session that some name there.</summary>
    public static string PathOf(string route, string session)
        => route["POST ".Length..]
            .Replace("{agent}", "assistant", StringComparison.Ordinal)
            .Replace("{session_id}", session, StringComparison.Ordinal);
}
