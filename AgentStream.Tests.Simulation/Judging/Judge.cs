using System.Text.Json;
using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Queue;
using AgentStream.Tests.Simulation.Engine;
using AgentStream.Tests.Simulation.Scenarios;
using AgentStream.Worker.Tools;
using Microsoft.Extensions.AI;

namespace AgentStream.Tests.Simulation.Judging;

/// <summary>
/// Hears what came to the disk, what tools did, what the model was asked and what clients got, and says in the end what was promised and
/// not held. Knows the protocol and the invariants, nothing of the code.
/// </summary>
internal sealed class Judge(SimWorld world, Func<int, RunPlan> plans)
{
    private readonly Dictionary<string, Truth> _sessions = new(StringComparer.Ordinal);
    private readonly List<Witness> _witnesses = [];
    private readonly List<string> _failures = [];
    private readonly HashSet<string> _prompted = new(StringComparer.Ordinal);

    public List<Effect> Effects { get; } = [];

    /// <summary>Messages by id, with the plan that each asks for and who sent it.</summary>
    public Dictionary<string, SentMessage> Sent { get; } = new(StringComparer.Ordinal);

    public List<(string Session, string Run)> TakenCancels { get; } = [];

    /// <summary>Earlier messages that the model was shown, by the plan that it was asked to play.</summary>
    public List<(int Plan, IReadOnlyList<int> Earlier)> Prompts { get; } = [];

    public IReadOnlyDictionary<string, Truth> Sessions => _sessions;

    public IReadOnlyList<Witness> Witnesses => _witnesses;

    public Func<int, RunPlan> Plans => plans;

    public IReadOnlyList<string> Failures => _failures;

    public void Fail(string what) => _failures.Add(what);

    public void Add(Witness witness) => _witnesses.Add(witness);

    public Cursor TappedThrough(SessionId sessionId)
        => new(null, new Offset(_sessions.TryGetValue(sessionId.Value, out var truth) ? truth.Log.Count : 0));

    /// <summary>Takes what came to the disk.</summary>
    public void Tap(SessionId sessionId, LogBatch batch)
    {
        if (batch.Resync is { } reason)
        {
            Fail($"{sessionId}: the log can't be gone on from {TappedThrough(sessionId).After}, which stood on disk ({reason})");
            return;
        }

        if (!_sessions.TryGetValue(sessionId.Value, out var truth))
        {
            _sessions[sessionId.Value] = truth = new Truth();
        }

        foreach (var entry in batch.Entries)
        {
            using var frame = JsonDocument.Parse(entry.Frame);
            var seen = Seen.Of(frame.RootElement);
            if (seen.Seq != truth.Log.Count + 1)
            {
                Fail($"{sessionId}: offset {seen.Seq} follows {truth.Log.Count} on disk");
                return;
            }

            truth.Log.Add(seen);
            truth.Frames.Add(entry.Frame.ToArray());
            truth.At.Add(world.Elapsed);
        }
    }

    /// <summary>A tool takes effect in the world outside.</summary>
    public void Executed(string tool, string item, ToolContext context)
        => Effects.Add(new Effect(tool, item, context.SessionId, context.RunId, context.ToolCallId, world.Elapsed));

    public void Cancelled(SessionId sessionId, CancelResult result)
    {
        if (result is { Status: CancelStatus.Cancelled or CancelStatus.Requested, RunId: { } run })
        {
            TakenCancels.Add((sessionId.Value, run.Value));
        }
    }

    public void Prompted(int plan, IReadOnlyList<int> earlier)
    {
        if (_prompted.Add($"{plan}:{string.Join(',', earlier)}"))
        {
            Prompts.Add((plan, earlier));
        }
    }

    /// <summary>No model takes calls without their results, or results twice.</summary>
    public void CheckResults(int plan, IReadOnlyList<ChatMessage> turn)
    {
        var contents = turn.SelectMany(message => message.Contents).ToList();
        var calls = contents.OfType<FunctionCallContent>().Select(call => call.CallId).Order(StringComparer.Ordinal);
        var results = contents.OfType<FunctionResultContent>().Select(result => result.CallId).Order(StringComparer.Ordinal);
        if (!calls.SequenceEqual(results))
        {
            Fail($"plan {plan}: the model was shown calls {string.Join(',', calls)} with results {string.Join(',', results)}");
        }
    }

    /// <summary>Whether each run has its end.</summary>
    public bool IsQuiet => _sessions.Values.All(truth => truth.IsQuiet)
        && Sent.Values.All(sent => sent.IsSettled || _sessions.GetValueOrDefault(sent.Session)?.Has(sent.MessageId) == true);
}

/// <summary>A log as it came to the disk.</summary>
internal sealed class Truth
{
    public List<Seen> Log { get; } = [];

    public List<byte[]> Frames { get; } = [];

    public List<TimeSpan> At { get; } = [];

    public bool IsQuiet => Log.Count(seen => seen.Type == "run_queued") == Log.Count(seen => seen.Type == "run_finished");

    public bool Has(string messageId) => Log.Any(seen => seen.Type == "run_queued" && seen.Key == messageId);

    public View Through(long seq)
    {
        var view = new View();
        foreach (var seen in Log.TakeWhile(seen => seen.Seq <= seq))
        {
            view.Apply(seen);
        }

        return view;
    }
}

/// <summary>A tool took effect.</summary>
internal sealed record Effect(string Tool, string Item, string Session, string Run, string Call, TimeSpan At);

/// <summary>A message on its way.</summary>
/// <param name="MessageId">Its id.</param>
/// <param name="Session">Where to.</param>
/// <param name="Plan">What it asks for.</param>
internal sealed record SentMessage(string MessageId, string Session, int Plan)
{
    /// <summary>Refused, or its client is gone: it need not come to anything.</summary>
    public bool IsSettled { get; set; }

    /// <summary>The server said no for good: it must not come to anything.</summary>
    public bool IsRefused { get; set; }
}
