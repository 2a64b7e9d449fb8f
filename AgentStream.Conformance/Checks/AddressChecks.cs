using System.Net;
using System.Text.Json;

namespace AgentStream.Conformance.Checks;

/// <summary>Addresses that are asked over HTTP, rightly and wrongly.</summary>
internal static class AddressChecks
{
    public static IReadOnlyList<Check> All { get; } =
    [
        new("health_says_that_the_server_is_ready", async (server, cancellationToken) =>
            Promise.Same(HttpStatusCode.OK, (await server.GetAsync("health", cancellationToken)).Status, "the status of /health")),
        new("agents_are_told_with_their_tools", AgentsAsync),
        new("session_that_nobody_wrote_to_is_not_found", async (server, cancellationToken) =>
        {
            (await server.GetAsync($"api/sessions/{Server.NewId()}", cancellationToken)).IsProblem(404, "session_not_found");
            (await server.AskAsync(HttpMethod.Delete, $"api/sessions/{Server.NewId()}", cancellationToken))
                .IsProblem(404, "session_not_found");
        }),
        new("address_that_is_none_is_not_found", async (server, cancellationToken) =>
        {
            (await server.GetAsync("api/nothing-here", cancellationToken)).IsProblem(404, "not_found");
            (await server.AskAsync(HttpMethod.Put, "api/sessions", cancellationToken, "{}")).IsProblem(405, "method_not_allowed");
            (await server.GetAsync($"ws/chat/{Server.NewId()}", cancellationToken)).IsProblem(426, "upgrade_required");
        }),
        new("ids_and_cursors_that_are_none_are_refused", async (server, cancellationToken) =>
        {
            (await server.GetAsync("api/sessions/a.b", cancellationToken)).IsProblem(400, "invalid_id");
            (await server.GetAsync($"api/sessions/{Server.NewId()}/events?after=x", cancellationToken)).IsProblem(400, "invalid_cursor");
            (await server.GetAsync("api/sessions?limit=1&limit=2", cancellationToken)).IsProblem(400, "invalid_option");
        }),
        new("messages_that_are_none_are_refused", RefusedMessagesAsync),
        new("head_answers_as_get", async (server, cancellationToken) =>
        {
            var head = await server.AskAsync(HttpMethod.Head, "api/agents", cancellationToken);
            Promise.Same(HttpStatusCode.OK, head.Status, "the status of HEAD");
            Promise.Same("", head.Text, "the body of HEAD");
        }),
    ];

    private static async Task AgentsAsync(Server server, CancellationToken cancellationToken)
    {
        var agents = (await server.GetAsync("api/agents", cancellationToken)).Json.EnumerateArray().ToList();
        foreach (var agent in agents)
        {
            Promise.Holds(agent.GetProperty("name").GetString() is { Length: > 0 }, "an agent has no name");
            Promise.Same(JsonValueKind.String, agent.GetProperty("description").ValueKind, "what a description is");
            Promise.Same(JsonValueKind.Array, agent.GetProperty("tools").ValueKind, "what an agent's tools are");
        }

        Promise.Holds(
            agents.Exists(agent => agent.GetProperty("name").GetString() == server.Options.Agent),
            $"there is no agent {server.Options.Agent}: name one with --agent");
    }

    private static async Task RefusedMessagesAsync(Server server, CancellationToken cancellationToken)
    {
        var path = $"api/sessions/{Server.NewId()}/messages";
        (string Body, string Code)[] all =
        [
            ("{", "invalid_json"),
            ("""{"message":"a","message":"b"}""", "invalid_json"),
            ($$"""{"message":"a","context":{{Nested(64)}}}""", "invalid_json"),
            ("[]", "invalid_frame"),
            ("{}", "invalid_message"),
            ("""{"message":"  "}""", "invalid_message"),
            ("""{"message":"a","message_id":"a b"}""", "invalid_id"),
            ("""{"message":"a","max_iterations":0}""", "invalid_option"),
            ("""{"message":"a","on_busy":"whenever"}""", "invalid_option"),
            ("""{"message":"a","agent_name":"nobody-of-this-name"}""", "unknown_agent"),
        ];
        foreach (var (body, code) in all)
        {
            (await server.PostAsync(path, body, cancellationToken)).IsProblem(400, code);
        }

        (await server.AskAsync(HttpMethod.Post, path, cancellationToken, """{"message":"a"}""", "text/plain"))
            .IsProblem(415, "unsupported_media_type");
        (await server.GetAsync(path.Replace("/messages", "", StringComparison.Ordinal), cancellationToken))
            .IsProblem(404, "session_not_found");
    }

    private static string Nested(int depth)
        => string.Concat(Enumerable.Repeat("""{"a":""", depth)) + "1" + new string('}', depth);
}
