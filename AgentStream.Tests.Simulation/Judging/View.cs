using System.Text;
using System.Text.Json;

namespace AgentStream.Tests.Simulation.Judging;

/// <summary>What somebody sees of a session: the fold of what came, by the protocol's page alone.</summary>
internal sealed class View(long seq = 0)
{
    private readonly SortedDictionary<long, RunView> _runs = [];
    private readonly Dictionary<string, RunView> _byId = new(StringComparer.Ordinal);

    public long Seq { get; private set; } = seq;

    public IEnumerable<RunView> Runs => _runs.Values;

    /// <summary>The data of a <c>snapshot</c> or <c>resync</c>.</summary>
    public static View Of(JsonElement snapshot)
    {
        var view = new View(snapshot.GetProperty("last_seq").GetInt64());
        foreach (var message in snapshot.GetProperty("messages").EnumerateArray())
        {
            var run = view.Add(
                message.GetProperty("seq").GetInt64(), Seen.Field(message, "run_id"), Seen.Field(message, "message_id"),
                Seen.Field(message, "message"));
            run.End = Seen.Field(message, "status") is ("completed" or "failed" or "cancelled") and var status ? status : "";
            foreach (var step in message.GetProperty("steps").EnumerateArray())
            {
                run.Steps.Add((Seen.Field(step, "step_id"), Seen.Field(step, "content"), Seen.StepExtra(step)));
            }
        }

        if (snapshot.TryGetProperty("active_run", out var active))
        {
            foreach (var step in active.GetProperty("open_steps").EnumerateArray())
            {
                view._byId[Seen.Field(active, "run_id")].Open[Seen.Field(step, "step_id")] = Seen.Field(step, "content");
            }
        }

        return view;
    }

    public void Apply(Seen seen)
    {
        Seq = seen.Seq;
        if (seen.Type == "run_queued")
        {
            Add(seen.Seq, seen.Run, seen.Key, seen.Text);
        }
        else if (_byId.TryGetValue(seen.Run, out var run))
        {
            run.Apply(seen);
        }
    }

    /// <summary>All of it; two who see the same have the same.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var (seq, run) in _runs)
        {
            text.Append(seq).Append(' ').Append(run.Id).Append(' ').Append(run.MessageId).Append(' ').Append(run.Message).Append(" => ")
                .Append(run.End).AppendLine();
            foreach (var (id, content, extra) in run.Steps)
            {
                text.Append("  ").Append(id).Append(' ').Append(extra).Append(": ").AppendLine(content);
            }

            foreach (var (id, content) in run.Open.OrderBy(open => open.Key, StringComparer.Ordinal))
            {
                text.Append("  ").Append(id).Append(" open: ").AppendLine(content);
            }
        }

        return text.ToString();
    }

    public RunView Add(long seq, string run, string messageId, string message)
        => _byId[run] = _runs[seq] = new RunView(run, messageId, message);
}

/// <summary>One run as somebody sees it.</summary>
internal sealed class RunView(string id, string messageId, string message)
{
    public string Id => id;

    public string MessageId => messageId;

    public string Message => message;

    /// <summary>How it ended; empty while it has not.</summary>
    public string End { get; set; } = "";

    public List<(string Id, string Content, string Extra)> Steps { get; } = [];

    public Dictionary<string, string> Open { get; } = new(StringComparer.Ordinal);

    public void Apply(Seen seen)
    {
        switch (seen.Type)
        {
            case Seen.Delta:
                Open[seen.Key] = Open.GetValueOrDefault(seen.Key, "") + seen.Text;
                break;
            case Seen.Step:
                Open.Remove(seen.Key);
                Steps.Add((seen.Key, seen.Text, seen.Extra));
                break;
            case "step_superseded":
                foreach (var taken in seen.Key.Split(','))
                {
                    Open.Remove(taken);
                    Steps.RemoveAll(step => step.Id == taken);
                }

                break;
            case "run_finished":
                End = seen.Extra;
                break;
            default:
                break;
        }
    }
}
