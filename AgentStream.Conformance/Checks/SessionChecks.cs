using System.Net;
using AgentStream.Conformance.Wire;

namespace AgentStream.Conformance.Checks;

/// <summary>What can be done with a whole session.</summary>
internal static class SessionChecks
{
    public static IReadOnlyList<Check> All { get; } =
    [
        new("session_is_listed_named_found_and_exported", ListedAsync),
        new("session_that_is_erased_is_gone_for_all_who_follow", ErasedAsync),
    ];

    private static async Task ListedAsync(Server server, CancellationToken cancellationToken)
    {
        var session = Server.NewId();
        await server.PostAsync($"api/sessions/{session}/messages?wait=true", server.Message("m1"), cancellationToken);
        var list = (await server.GetAsync("api/sessions?limit=1", cancellationToken)).Json.GetProperty("sessions");
        Promise.Same(session, list[0].GetProperty("session_id").GetString(), "the session that was changed last");
        Promise.Same("idle", list[0].GetProperty("state").GetString(), "its state");

        var title = $"Of {session}";
        var named = await server.AskAsync(HttpMethod.Patch, $"api/sessions/{session}", cancellationToken, $$"""{"title":"{{title}}"}""");
        Promise.Same(HttpStatusCode.OK, named.Status, "the status of a new title");
        var found = (await server.GetAsync($"api/sessions?search={session}", cancellationToken)).Json.GetProperty("sessions");
        Promise.Same(1, found.GetArrayLength(), "how many sessions have that title");
        Promise.Same(title, found[0].GetProperty("title").GetString(), "the title");
        (await server.AskAsync(HttpMethod.Patch, $"api/sessions/{session}", cancellationToken, """{"title":""}"""))
            .IsProblem(400, "invalid_option");

        foreach (var format in (string[])["markdown", "json"])
        {
            var export = await server.GetAsync($"api/sessions/{session}/export?format={format}", cancellationToken);
            Promise.Same(HttpStatusCode.OK, export.Status, $"the status of the export as {format}");
            Promise.Holds(export.Text.Contains(title, StringComparison.Ordinal), $"the export as {format} has no title");
        }
    }

    private static async Task ErasedAsync(Server server, CancellationToken cancellationToken)
    {
        var session = Server.NewId();
        await server.PostAsync($"api/sessions/{session}/messages?wait=true", server.Message("m1"), cancellationToken);
        using var follower = await server.OpenAsync(session, cancellationToken);
        var epoch = (await follower.UntilAsync("snapshot")).Data("epoch").GetString();
        Promise.Same(
            HttpStatusCode.NoContent,
            (await server.AskAsync(HttpMethod.Delete, $"api/sessions/{session}", cancellationToken)).Status,
            "the status of erasing");
        var resync = await follower.UntilAsync("resync");
        Promise.Same(0, resync.Data("messages").GetArrayLength(), "how many messages an erased session has");
        (await server.GetAsync($"api/sessions/{session}", cancellationToken)).IsProblem(404, "session_not_found");

        // Another one of that name is another history.
        await server.PostAsync($"api/sessions/{session}/messages?wait=true", server.Message("m1"), cancellationToken);
        using var back = await server.OpenAsync(session, cancellationToken, $"after=1&epoch={epoch}");
        Promise.Same("epoch", (await back.UntilAsync("resync")).Data("reason").GetString(), "the reason of the resync");
    }
}
