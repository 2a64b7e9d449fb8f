using System.Net;
using System.Text.Json;
using AgentStream.Conformance.Wire;

namespace AgentStream.Conformance.Checks;

/// <summary>A run, as it comes to its clients.</summary>
internal static class RunChecks
{
    private const int Viewers = 5;

    public static IReadOnlyList<Check> All { get; } =
    [
        new("run_over_v1_is_whole", (server, cancellationToken) => WholeAsync(server, "agentstream.v1", cancellationToken)),
        new("run_over_v2_is_whole", (server, cancellationToken) => WholeAsync(server, "agentstream.v2", cancellationToken)),
        new("clients_of_all_wires_see_the_same", SameAsync),
        new("same_message_again_is_a_duplicate", AgainAsync),
        new("waiting_for_the_answer_gives_what_the_log_has", WaitingAsync),
        new("run_without_reasoning_has_no_thoughts_and_no_holes", WithoutReasoningAsync),
    ];

    private static async Task WholeAsync(Server server, string version, CancellationToken cancellationToken)
    {
        var session = Server.NewId();
        using var connection = await server.OpenAsync(session, cancellationToken, "", version);
        await connection.ChatAsync(server.Message("m1"));
        var runId = (await connection.UntilAsync("accepted")).Data("run_id").GetString()!;
        var queued = connection.Entries.FirstOrDefault(entry => entry.Type() == "run_queued");
        if (queued.ValueKind == JsonValueKind.Undefined)
        {
            queued = await connection.UntilAsync("run_queued");
        }

        Promise.Same(1, queued.Seq(), "the first offset");
        Promise.Same("m1", queued.Data("message_id").GetString(), "the message's id in the log");
        Promise.Same(server.Options.Message, queued.Data("message").GetString(), "the message in the log");
        await connection.UntilFinishedAsync(runId);
        Promise.Same("completed", History.CheckRun([.. connection.Entries], runId), "how the run ended");
        Promise.Same(
            1, connection.Entries.Count(entry => entry.Type() == "reasoning_step" && entry.Data("type").GetString() == "final_answer"),
            "how many final answers a completed run has");
    }

    private static async Task SameAsync(Server server, CancellationToken cancellationToken)
    {
        var session = Server.NewId();
        using var first = await server.OpenAsync(session, cancellationToken, "", "agentstream.v1");
        using var viewers = new Connections();
        for (var number = 0; number < Viewers; number++)
        {
            viewers.Add(await server.OpenAsync(session, cancellationToken, "", number % 2 == 0 ? "agentstream.v2" : "agentstream.v1"));
        }

        static bool IsEnd(JsonElement frame) => frame.Type() == "run_finished";
        await first.ChatAsync(server.Message("m1"));
        var streaming = server.StreamAsync(session, "after=0", IsEnd, cancellationToken);
        await Task.WhenAll([first.UntilAsync(IsEnd), .. viewers.Select(viewer => viewer.UntilAsync(IsEnd))]);
        foreach (var viewer in viewers)
        {
            History.Same(first.Entries, viewer.Entries, "another viewer");
        }

        History.Same(first.Entries, (await streaming).Where(frame => frame.TryGetProperty("seq", out _)), "an event stream");
    }

    private static async Task AgainAsync(Server server, CancellationToken cancellationToken)
    {
        var session = Server.NewId();
        using var connection = await server.OpenAsync(session, cancellationToken);
        await connection.ChatAsync(server.Message("m1"));
        var accepted = await connection.UntilAsync("accepted");
        Promise.Same(false, accepted.Data("duplicate").GetBoolean(), "duplicate of a new message");
        await connection.ChatAsync(server.Message("m1"));
        var again = await connection.UntilAsync("accepted");
        Promise.Same(true, again.Data("duplicate").GetBoolean(), "duplicate over the socket");
        Promise.Same(accepted.Data("run_id").GetString(), again.Data("run_id").GetString(), "the run of a duplicate");

        var overHttp = await server.PostAsync($"api/sessions/{session}/messages", server.Message("m1"), cancellationToken);
        Promise.Same(HttpStatusCode.Accepted, overHttp.Status, "the status of a duplicate");
        Promise.Same(true, overHttp.Json.GetProperty("duplicate").GetBoolean(), "duplicate over HTTP");
        (await server.PostAsync($"api/sessions/{session}/messages", server.Message("m1", message: "Another one."), cancellationToken))
            .IsProblem(409, "conflict");

        await connection.UntilFinishedAsync(accepted.Data("run_id").GetString()!);
        Promise.Same(1, connection.Entries.Count(entry => entry.Type() == "run_queued"), "how many runs there are");
    }

    private static async Task WaitingAsync(Server server, CancellationToken cancellationToken)
    {
        var session = Server.NewId();
        var path = $"api/sessions/{session}/messages?wait=true";
        var answer = await server.PostAsync(path, server.Message("m1"), cancellationToken);
        Promise.Same(HttpStatusCode.OK, answer.Status, "the status of a run that is over");
        Promise.Same("completed", answer.Json.GetProperty("status").GetString(), "status");

        var again = await server.PostAsync(path, server.Message("m1"), cancellationToken);
        Promise.Same(true, again.Json.GetProperty("duplicate").GetBoolean(), "duplicate of the same message");
        Promise.Same(answer.Json.Text("answer"), again.Json.Text("answer"), "the answer to the same message");

        var entries = await server.StreamAsync(session, "after=0", frame => frame.Type() == "run_finished", cancellationToken);
        var final = entries.Last(entry => entry.Type() == "reasoning_step" && entry.Data("type").GetString() == "final_answer");
        Promise.Same(final.Data("content").GetString(), answer.Json.Text("answer"), "the answer");
        Promise.Same(
            entries.Count(entry => entry.Type() == "reasoning_step"), answer.Json.GetProperty("steps").GetArrayLength(), "how many steps");
    }

    private static async Task WithoutReasoningAsync(Server server, CancellationToken cancellationToken)
    {
        using var connection = await server.OpenAsync(Server.NewId(), cancellationToken);
        await connection.ChatAsync(server.Message("m1", "\"enable_reasoning\":false"));
        var runId = (await connection.UntilAsync("accepted")).Data("run_id").GetString()!;
        await connection.UntilFinishedAsync(runId);
        Promise.Same("completed", History.CheckRun([.. connection.Entries], runId), "how the run ended");
        Promise.Same(1, connection.Entries.First().FirstSeq(), "the first offset");
        Promise.Same(
            0,
            connection.Entries.Count(
                entry => entry.Type() == "reasoning_step" && entry.Data("type").GetString() is not ("final_answer" or "error")),
            "how many thoughts and tool steps a run without reasoning shows");
    }
}
