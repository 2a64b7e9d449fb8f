using System.Text.Json;
using AgentStream.Tests.Distributed.Application;
using AgentStream.Tests.Support;

namespace AgentStream.Tests.Distributed.Cluster;

/// <summary>What must be true of a session's log, whatever happened to those who wrote and served it.</summary>
internal static class ClusterLog
{
    public static JsonElement Data(this JsonElement frame) => frame.GetProperty("data");

    public static string? Text(this JsonElement element, string name)
        => element.TryGetProperty(name, out var value) ? value.GetString() : null;

    public static bool Is(this JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.GetBoolean();

    public static bool IsDelta(JsonElement frame, string text)
        => ChatSocket.TypeOf(frame) == "step_delta" && frame.Data().Text("delta")!.Contains(text, StringComparison.Ordinal);

    public static IEnumerable<int> Attempts(this ChatSocket socket)
        => socket.Of("run_started").Select(entry => entry.Data().GetProperty("attempt").GetInt32());

    /// <summary>The results that stand, of one tool.</summary>
    public static IReadOnlyList<JsonElement> Results(this ChatSocket socket, string tool)
        => [.. socket.KeptSteps.Where(step => step.Text("type") == "tool_result" && step.Text("tool_name") == tool)];

    /// <summary>
    /// Each run ends exactly once and nothing of it follows; attempts don't go back; no call wrote two notes;
    /// and a result that is known has its note. (Each offset once and in order is what <see cref="ChatSocket"/> checks of every frame.)
    /// </summary>
    public static void AssertSound(this IRunningApplication application, ChatSocket socket, string sessionId)
    {
        Assert.Null(socket.Resync);
        foreach (var run in socket.Log.Values.GroupBy(entry => entry.Text("run_id")))
        {
            Assert.Equal("run_finished", ChatSocket.TypeOf(run.Last()));
            Assert.Single(run, entry => ChatSocket.TypeOf(entry) == "run_finished");
            var attempts = run.Where(entry => ChatSocket.TypeOf(entry) == "run_started")
                .Select(entry => entry.Data().GetProperty("attempt").GetInt32())
                .ToList();
            Assert.Equal(attempts.Order(), attempts);
        }

        var notes = application.CallsWithNotes(sessionId);
        Assert.Equal(notes.Distinct(), notes);
        var known = socket.Results("save_note")
            .Where(step => !step.Is("in_doubt") && !step.Is("is_error"))
            .Select(step => step.Text("tool_call_id"))
            .ToList();
        Assert.Equal(known.Distinct(), known);
        Assert.Empty(known.Except(notes));
    }

    /// <summary>
    /// Reads on to the end of a run that says "One two." in these attempts, and compares with what another server has of it.
    /// </summary>
    public static async Task AssertEndsWellAsync(
        this IRunningApplication application, ChatSocket socket, string sessionId, params int[] attempts)
    {
        var finished = (await socket.ReadUntilAsync("run_finished")).Data();
        Assert.Equal("completed", finished.Text("status"));
        Assert.Equal(attempts, socket.Attempts());
        Assert.Equal("One two.", socket.KeptSteps[^1].Text("content"));
        application.AssertSound(socket, sessionId);
        await using var reader = application.Socket(1, sessionId).FromTheBeginningOf(socket.Epoch);
        await reader.ConnectAsync();
        await reader.ReadUntilAsync("run_finished");
        AssertSameLog(socket, reader);
    }

    /// <summary>Byte for byte the same, but for deltas that one of them got merged.</summary>
    public static void AssertSameLog(ChatSocket one, ChatSocket other)
    {
        Assert.Equal(one.LastSeq, other.LastSeq);
        var ends = one.Log.Keys.Intersect(other.Log.Keys).ToList();
        var from = 0L;
        foreach (var end in ends)
        {
            Assert.Equal(Between(one, from, end), Between(other, from, end));
            from = end;
        }

        Assert.Equal(one.LastSeq, from);
    }

    private static IEnumerable<string> Between(ChatSocket socket, long from, long to)
    {
        var entries = socket.Log.Where(entry => entry.Key > from && entry.Key <= to).Select(entry => entry.Value).ToList();
        return entries.Count == 1 && !entries[0].TryGetProperty("first_seq", out _) && to == from + 1
            ? [entries[0].GetRawText()]
            : entries.GroupBy(entry => (entry.Data().Text("step_id"), ChatSocket.TypeOf(entry)))
                .Select(step => $"{step.Key} {string.Concat(step.Select(entry => entry.Data().Text("delta")))}");
    }
}
