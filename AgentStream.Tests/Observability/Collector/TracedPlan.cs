using AgentStream.Tests.Distributed.Cluster;
using AgentStream.Tests.Support;

namespace AgentStream.Tests.Observability.Collector;

/// <summary>
/// Standalone that exports to a collector, with a chief who lets the assistant keep notes,
/// and a model that does what each test wants of it.
/// </summary>
internal sealed class TracedPlan : IAsyncDisposable
{
    /// <summary>What the chief is asked, and what nobody is to find in telemetry that was not asked to hold it.</summary>
    public const string Question = "tell-nobody-question";

    public const string Note = "tell-nobody-note";

    public const string Thought = "tell-nobody-thought";

    public const string Answer = "tell-nobody-answer";

    /// <summary>A question that the model's server refuses to answer.</summary>
    public const string Broken = "tell-nobody-broken";

    /// <summary>A question whose calculation goes wrong.</summary>
    public const string Mistake = "tell-nobody-mistake";

    // The task is the other agent's message. In all 66 tokens go in and 15 come out, 16 and 5 of them of the assistant.
    private const string Plan = $$"""
        { "scripts": [
          { "when": "keep it", "replies": [
            [ { "thought": "{{Thought}}" }, { "tool_call": { "name": "save_note", "arguments": { "text": "{{Note}}" } } }, { "usage": { "input": 7, "output": 3 } } ],
            [ { "text": "It is kept." }, { "usage": { "input": 9, "output": 2 } } ] ] },
          { "when": "{{Broken}}", "replies": [ [ { "fail": { "status": 401 } } ] ] },
          { "when": "{{Mistake}}", "replies": [
            [ { "tool_call": { "name": "calculator", "arguments": { "expression": "1/0" } } } ], [ { "text": "That can't be done." } ] ] },
          { "when": "{{Question}}", "replies": [
            [ { "tool_call": { "name": "delegate", "arguments": { "agent": "assistant", "task": "keep it" } } }, { "usage": { "input": 20, "output": 4 } } ],
            [ { "tool_call": { "name": "delegate", "arguments": "{ no JSON" } }, { "usage": { "input": 10, "output": 1 } } ],
            [ { "text": "{{Answer}}" }, { "usage": { "input": 20, "output": 5 } } ] ] } ] }
        """;

    private readonly TemporaryDirectory _files = new();

    private TracedPlan(IEnumerable<(string Name, string? Value)> export, (string Name, string? Value)[] settings)
        => Service = new StandaloneService([
            .. export,
            ("AgentStream__Models__scripted__ScriptPath", _files.File("plan.json")),
            ("AgentStream__AgentFiles__Directory", _files.File("agents")),
            .. settings,
        ]);

    public StandaloneService Service { get; }

    public static Task<TracedPlan> StartAsync(OtlpCollector collector, params (string Name, string? Value)[] settings)
        => StartAsync(collector.Settings, settings);

    /// <param name="export">The settings that make it export.</param>
    /// <param name="settings">More settings.</param>
    public static async Task<TracedPlan> StartAsync(
        IEnumerable<(string Name, string? Value)> export, params (string Name, string? Value)[] settings)
    {
        var plan = new TracedPlan(export, settings);
        await File.WriteAllTextAsync(plan._files.File("plan.json"), Plan);
        Directory.CreateDirectory(plan._files.File("agents"));
        await File.WriteAllTextAsync(
            plan._files.File("agents/chief.md"), "---\ndescription: Lets others work.\ndelegates: assistant\n---\nDelegate.");
        await plan.Service.StartAsync();
        return plan;
    }

    /// <summary>Asks in a session of its own, waits for the end, and returns the trace and how it ended.</summary>
    public async Task<(string TraceId, string Status)> AskAsync(string session, string question, string more)
    {
        await using var socket = Service.Socket(session);
        await socket.ConnectAsync();
        await socket.ChatAsync(question, more);
        var finished = await socket.ReadUntilAsync("run_finished");
        return (Assert.Single(socket.Of("run_started")).Data().Text("trace_id")!, finished.Data().Text("status")!);
    }

    /// <summary>Stops the service in good order: all is exported then.</summary>
    public async Task StopAsync()
    {
        Service.Process.Terminate();
        Assert.Equal(0, await Service.Process.WaitForExitAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await Service.DisposeAsync();
        _files.Dispose();
    }
}
