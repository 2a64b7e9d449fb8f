using System.Text.Json;
using AgentStream.Conformance.Wire;

namespace AgentStream.Conformance.Checks;

/// <summary>Clients that come back.</summary>
internal static class ResumeChecks
{
    // Of a log that has more, so many offsets are tried, all over it.
    private const int MaxOffsets = 60;

    public static IReadOnlyList<Check> All { get; } =
    [
        new("cursor_after_every_entry_gives_exactly_the_rest", EveryOffsetAsync),
        new("connection_that_is_cut_in_the_middle_of_a_run_misses_and_repeats_nothing", CutAsync),
        new("cursor_of_another_history_gets_a_resync", ResyncAsync),
        new("last_event_id_wins_over_the_query", LastEventIdAsync),
        new("snapshot_says_what_the_log_and_the_transcript_say", SnapshotAsync),
    ];

    private static async Task EveryOffsetAsync(Server server, CancellationToken cancellationToken)
    {
        var session = Server.NewId();
        using var whole = await RunAsync(server, session, cancellationToken);
        var entries = whole.Entries.ToList();
        var offsets = entries.ConvertAll(entry => entry.Seq());
        var pace = Math.Max(1, offsets.Count / MaxOffsets);
        foreach (var after in offsets.SkipLast(1).Where((_, index) => index % pace == 0).Prepend(0))
        {
            using var back = await server.OpenAsync(
                session, cancellationToken, $"after={after}&epoch={Epoch(whole)}", after % 2 == 0 ? "agentstream.v1" : "agentstream.v2");
            await back.UntilAsync(IsEnd);
            Promise.Same(true, back.Frames[0].Data("resumed").GetBoolean(), $"resumed after {after}");
            History.Same(History.After(entries, after), back.Entries, $"what comes after {after}");
        }
    }

    private static async Task CutAsync(Server server, CancellationToken cancellationToken)
    {
        var session = Server.NewId();
        List<JsonElement> seen = [];
        using (var first = await server.OpenAsync(session, cancellationToken, "", "agentstream.v2"))
        {
            await first.ChatAsync(server.Message("m1"));
            await first.UntilAsync("run_queued");
            seen.AddRange(first.Entries);
            first.Cut();
        }

        // Three entries at a time, until it is over.
        string? epoch = null;
        while (!seen.Exists(IsEnd))
        {
            using var next = await server.OpenAsync(session, cancellationToken, $"after={seen[^1].Seq()}", "agentstream.v2");
            await next.UntilAsync(_ => next.Entries.Count() >= 3 || next.Entries.Any(IsEnd));
            Promise.Same(true, next.Frames[0].Data("resumed").GetBoolean(), "resumed in the middle of a run");
            Promise.Same(seen[^1].Seq() + 1, next.Entries.First().FirstSeq(), "the first offset after coming back");
            epoch = Epoch(next);
            seen.AddRange(next.Entries);
            next.Cut();
        }

        var entries = await server.StreamAsync(session, $"after=0&epoch={epoch}", IsEnd, cancellationToken);
        History.Same(entries.Where(frame => frame.TryGetProperty("seq", out _)), seen, "a client that was cut off again and again");
    }

    private static async Task ResyncAsync(Server server, CancellationToken cancellationToken)
    {
        var session = Server.NewId();
        using var whole = await RunAsync(server, session, cancellationToken);
        var last = whole.Entries.Last().Seq();
        (string Query, string Reason)[] all =
        [
            ($"after={last + 1_000}&epoch={Epoch(whole)}", "ahead"),
            ("after=1&epoch=of-nobody", "epoch"),
        ];
        foreach (var (query, reason) in all)
        {
            using var connection = await server.OpenAsync(session, cancellationToken, query);
            var resync = await connection.UntilAsync("resync");
            Promise.Same(reason, resync.Data("reason").GetString(), $"the reason of a resync for {query}");
            Promise.Same(false, connection.Frames[0].Data("resumed").GetBoolean(), "resumed");
            Promise.Same(last, resync.Data("last_seq").GetInt64(), "last_seq of a resync");
        }
    }

    private static async Task LastEventIdAsync(Server server, CancellationToken cancellationToken)
    {
        var session = Server.NewId();
        using var whole = await RunAsync(server, session, cancellationToken);
        var entries = whole.Entries.ToList();
        var after = entries[entries.Count / 2].Seq();
        var rest = await server.StreamAsync(session, "after=0", IsEnd, cancellationToken, $"{Epoch(whole)}:{after}");
        History.Same(
            History.After(entries, after), rest.Where(frame => frame.TryGetProperty("seq", out _)), "an event stream that comes back");
    }

    private static async Task SnapshotAsync(Server server, CancellationToken cancellationToken)
    {
        var session = Server.NewId();
        using var whole = await RunAsync(server, session, cancellationToken);
        using var late = await server.OpenAsync(session, cancellationToken);
        var snapshot = (await late.UntilAsync("snapshot")).GetProperty("data");
        var message = snapshot.GetProperty("messages").EnumerateArray().Single();
        Promise.Same(whole.Entries.Last().Seq(), snapshot.GetProperty("last_seq").GetInt64(), "last_seq");
        Promise.Same(server.Options.Message, message.GetProperty("message").GetString(), "the message");
        Promise.Same("completed", message.GetProperty("status").GetString(), "its status");

        var superseded = whole.Entries.Where(entry => entry.Type() == "step_superseded")
            .SelectMany(entry => entry.Data("step_ids").EnumerateArray().Select(id => id.GetString())).ToHashSet();
        var steps = whole.Entries.Where(entry => entry.Type() == "reasoning_step").Select(entry => entry.GetProperty("data"))
            .Where(step => !superseded.Contains(step.GetProperty("step_id").GetString()));
        Promise.Same(
            string.Join('\n', steps.Select(step => step.Canonical())),
            string.Join('\n', message.GetProperty("steps").EnumerateArray().Select(step => step.Canonical())),
            "its steps");

        var transcript = (await server.GetAsync($"api/sessions/{session}", cancellationToken)).Json;
        Promise.Same(
            snapshot.GetProperty("messages").Canonical(), transcript.GetProperty("messages").Canonical(), "the messages of the transcript");
    }

    private static async Task<Connection> RunAsync(Server server, string session, CancellationToken cancellationToken)
    {
        var connection = await server.OpenAsync(session, cancellationToken, "", "agentstream.v1");
        await connection.ChatAsync(server.Message("m1"));
        await connection.UntilAsync(IsEnd);
        return connection;
    }

    private static string? Epoch(Connection connection) => connection.Frames[0].Data("epoch").GetString();

    private static bool IsEnd(JsonElement frame) => frame.Type() == "run_finished";
}
