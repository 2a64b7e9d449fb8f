using System.Text;
using System.Text.Json;

namespace AgentStream.Conformance.Wire;

/// <summary>What entries say, whether deltas came one by one or merged: the same for all who have read the same part of a log.</summary>
internal static class History
{
    /// <summary>A line for each entry; deltas of one step that follow each other are one line, under the offset of the last.</summary>
    public static List<string> Of(IEnumerable<JsonElement> entries)
    {
        List<string> lines = [];
        var text = new StringBuilder();
        string? step = null;
        long last = 0;
        foreach (var entry in entries)
        {
            var next = entry.Type() == "step_delta" ? entry.Data("step_id").GetString() : null;
            if (step is not null && step != next)
            {
                lines.Add($"{last} delta {step} {text}");
                text.Clear();
            }

            (step, last) = (next, entry.Seq());
            if (next is null)
            {
                lines.Add($"{last} {entry.Type()} {entry.GetProperty("run_id").GetString()} {entry.GetProperty("data").Canonical()}");
            }
            else
            {
                text.Append(entry.Data("delta").GetString());
            }
        }

        if (step is not null)
        {
            lines.Add($"{last} delta {step} {text}");
        }

        return lines;
    }

    /// <summary>Checks that two clients have read the same.</summary>
    public static void Same(IEnumerable<JsonElement> expected, IEnumerable<JsonElement> actual, string who)
    {
        var (first, second) = (Of(expected), Of(actual));
        for (var index = 0; index < Math.Max(first.Count, second.Count); index++)
        {
            Promise.Same(first.ElementAtOrDefault(index), second.ElementAtOrDefault(index), $"{who}, entry {index}");
        }
    }

    /// <summary>The entries after an offset. The offset has to be the end of one.</summary>
    public static IEnumerable<JsonElement> After(IEnumerable<JsonElement> entries, long seq) => entries.Where(entry => entry.Seq() > seq);

    /// <summary>Checks the entries of one run: begun, ended once, nothing after its end, deltas that are what their steps say.</summary>
    /// <returns>How it ended.</returns>
    public static string CheckRun(IReadOnlyList<JsonElement> entries, string runId)
    {
        var own = entries.Where(entry => entry.GetProperty("run_id").GetString() == runId).ToList();
        Promise.Same("run_queued", own[0].Type(), "a run's first entry");
        Promise.Same(1, own.Count(entry => entry.Type() == "run_finished"), "how often the run ended");
        Promise.Same("run_finished", own[^1].Type(), "a run's last entry");

        var texts = new Dictionary<string, string>();
        var superseded = new HashSet<string>();
        foreach (var entry in own)
        {
            switch (entry.Type())
            {
                case "step_delta":
                    var id = entry.Data("step_id").GetString()!;
                    Promise.Holds(!superseded.Contains(id), $"step {id} was taken back, and has text again");
                    texts[id] = texts.GetValueOrDefault(id) + entry.Data("delta").GetString();
                    break;
                case "step_superseded":
                    superseded.UnionWith(entry.Data("step_ids").EnumerateArray().Select(step => step.GetString()!));
                    break;
                case "reasoning_step":
                    CheckStep(entry.GetProperty("data"), texts);
                    break;
            }
        }

        return own[^1].Data("status").GetString()!;
    }

    private static void CheckStep(JsonElement step, Dictionary<string, string> texts)
    {
        var id = step.GetProperty("step_id").GetString()!;
        Promise.Holds(
            step.GetProperty("type").GetString() is "thought" or "tool_use" or "tool_result" or "final_answer" or "error",
            $"step {id} is of no kind that there is");
        var isCutOff = step.TryGetProperty("cut_off", out var cut) && cut.ValueKind == JsonValueKind.True;
        if (!isCutOff && texts.TryGetValue(id, out var text) && step.GetProperty("type").GetString() != "tool_use")
        {
            Promise.Same(step.GetProperty("content").GetString(), text, $"the deltas of step {id} put together");
        }
    }
}
