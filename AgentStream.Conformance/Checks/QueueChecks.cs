using System.Net;
using AgentStream.Conformance.Wire;

namespace AgentStream.Conformance.Checks;

/// <summary>Messages in a busy session, and runs that are ended.</summary>
internal static class QueueChecks
{
    public static IReadOnlyList<Check> All { get; } =
    [
        new("cancel_ends_a_run_and_nothing_of_it_follows", CancelAsync),
        new("run_that_is_queued_is_over_at_once_when_it_is_cancelled", CancelQueuedAsync),
        new("messages_of_a_busy_session_wait_for_their_turn", TurnsAsync),
        new("message_that_does_not_want_to_wait_is_told", RejectAsync),
        new("interrupt_ends_the_run_and_goes_first", InterruptAsync),
    ];

    private static async Task CancelAsync(Server server, CancellationToken cancellationToken)
    {
        using var connection = await server.OpenAsync(Server.NewId(), cancellationToken, "", "agentstream.v2");
        await connection.ChatAsync(server.Message("m1"));
        var run = await StartedAsync(connection);
        await connection.SayAsync($$$"""{"type":"cancel","payload":{"run_id":"{{{run}}}"}}""");
        await EndsAsCancelledAsync(connection, run);

        await connection.SayAsync("""{"type":"cancel","payload":{}}""");
        Promise.Same(
            "nothing_to_cancel",
            (await connection.UntilAsync("error")).Data("code").GetString(),
            "the error of a cancel with nothing to do");

        // A later run comes, and nothing of the first one between.
        await connection.ChatAsync(server.Message("m2"));
        var next = (await connection.UntilAsync("run_queued")).GetProperty("run_id").GetString()!;
        await connection.UntilFinishedAsync(next);
        History.CheckRun([.. connection.Entries], run);
        History.CheckRun([.. connection.Entries], next);
    }

    private static async Task CancelQueuedAsync(Server server, CancellationToken cancellationToken)
    {
        var session = Server.NewId();
        using var connection = await server.OpenAsync(session, cancellationToken);
        await connection.ChatAsync(server.Message("m1"));
        var first = await StartedAsync(connection);
        await connection.ChatAsync(server.Message("m2"));
        var second = (await connection.UntilAsync(frame => frame.Type() == "run_queued" && frame.Data("message_id").GetString() == "m2"))
            .GetProperty("run_id").GetString()!;
        var answer = await server.PostAsync($"api/sessions/{session}/runs/{second}/cancel", "{}", cancellationToken);
        Promise.Same(HttpStatusCode.Accepted, answer.Status, "the status of a cancel");
        Promise.Same("cancelled", answer.Json.GetProperty("status").GetString(), "the status of a queued run that is cancelled");
        await connection.UntilFinishedAsync(second);
        Promise.Holds(
            !connection.Entries.Any(entry => entry.Type() == "run_started" && entry.GetProperty("run_id").GetString() == second),
            "a run that was cancelled in the queue began");
        await connection.SayAsync($$$"""{"type":"cancel","payload":{"run_id":"{{{first}}}"}}""");
        await EndsAsCancelledAsync(connection, first);
    }

    private static async Task TurnsAsync(Server server, CancellationToken cancellationToken)
    {
        using var connection = await server.OpenAsync(Server.NewId(), cancellationToken, "", "agentstream.v2");
        string[] ids = ["m1", "m2", "m3"];
        foreach (var id in ids)
        {
            await connection.ChatAsync(server.Message(id));
        }

        await connection.UntilAsync(_ => connection.Entries.Count(entry => entry.Type() == "run_finished") == ids.Length);
        var entries = connection.Entries.ToList();
        var runs = entries.Where(entry => entry.Type() == "run_queued").Select(entry => entry.GetProperty("run_id").GetString()!).ToList();
        Promise.Same(ids.Length, runs.Count, "how many runs there are");
        Promise.Same(
            string.Join(' ', runs.SelectMany(run => (string[])[$"run_started {run}", $"run_finished {run}"])),
            string.Join(' ', entries.Where(entry => entry.Type() is "run_started" or "run_finished")
                .Select(entry => $"{entry.Type()} {entry.GetProperty("run_id").GetString()}")),
            "the order in which runs begin and end");
        foreach (var run in runs)
        {
            Promise.Same("completed", History.CheckRun(entries, run), "how a run ended that had to wait");
        }
    }

    private static async Task RejectAsync(Server server, CancellationToken cancellationToken)
    {
        var session = Server.NewId();
        using var connection = await server.OpenAsync(session, cancellationToken);
        await connection.ChatAsync(server.Message("m1"));
        var run = await StartedAsync(connection);
        await connection.ChatAsync(server.Message("m2", "\"on_busy\":\"reject\""));
        Promise.Same("busy", (await connection.UntilAsync("error")).Data("code").GetString(), "the error of a message that is not to wait");
        (await server.PostAsync($"api/sessions/{session}/messages", server.Message("m3", "\"on_busy\":\"reject\""), cancellationToken))
            .IsProblem(409, "busy");
        await connection.SayAsync($$$"""{"type":"cancel","payload":{"run_id":"{{{run}}}"}}""");
        await EndsAsCancelledAsync(connection, run);
    }

    private static async Task InterruptAsync(Server server, CancellationToken cancellationToken)
    {
        using var connection = await server.OpenAsync(Server.NewId(), cancellationToken);
        await connection.ChatAsync(server.Message("m1"));
        var first = await StartedAsync(connection);
        await connection.ChatAsync(server.Message("m2", "\"on_busy\":\"interrupt\""));
        await EndsAsCancelledAsync(connection, first);
        var next = await connection.UntilAsync("run_started");
        var queued = connection.Entries.Last(entry => entry.Type() == "run_queued");
        Promise.Same(
            queued.GetProperty("run_id").GetString(), next.GetProperty("run_id").GetString(), "the run that follows an interrupted one");
        await connection.UntilFinishedAsync(next.GetProperty("run_id").GetString()!);
    }

    private static async Task<string> StartedAsync(Connection connection)
        => (await connection.UntilAsync("run_started")).GetProperty("run_id").GetString()!;

    private static async Task EndsAsCancelledAsync(Connection connection, string run)
    {
        var finished = await connection.UntilFinishedAsync(run);
        Promise.Same(
            "cancelled",
            finished.Data("status").GetString(),
            "how a cancelled run ended (--message is one that takes the agent some seconds)");
    }
}
