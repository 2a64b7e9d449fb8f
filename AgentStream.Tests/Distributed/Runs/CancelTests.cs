using AgentStream.Tests.Distributed.Cluster;
using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Categories;

namespace AgentStream.Tests.Distributed.Runs;

/// <summary>Cancel is certain, from any client, at any moment.</summary>
[SystemTest]
public sealed class CancelTests
{
    private const string Plan = """
        {
          "scripts": [
            { "when": "write", "replies": [ [ { "text": "partial" }, { "wait_for_file": "never" }, { "text": "more" } ] ] },
            { "when": "call", "replies": [ [ { "wait_for_file": "go" }, { "tool_call": { "name": "save_note", "arguments": { "text": "x" } } } ], [ { "text": "done" } ] ] },
            { "replies": [ [ { "text": "quick" } ] ] }
          ]
        }
        """;

    [Fact]
    public async Task Cancel_FromAnotherClientWhileTheModelWrites_EndsTheRunAndKeepsThePartialText()
    {
        using var plan = new TemporaryDirectory();
        await using var service = await StartAsync(plan);
        await using var one = service.Socket("cancel");
        await using var other = service.Socket("cancel");
        await one.ConnectAsync();
        await other.ConnectAsync();
        await one.ChatAsync("write something");
        await one.ReadUntilAsync("step_delta");

        await other.SendAsync("""{"type":"cancel"}""");
        var finished = await one.ReadUntilAsync("run_finished");

        Assert.Equal("cancelled", finished.GetProperty("data").GetProperty("status").GetString());
        var step = Assert.Single(one.KeptSteps);
        Assert.Equal("partial", step.GetProperty("content").GetString());
        Assert.True(step.GetProperty("cut_off").GetBoolean());
    }

    [Fact]
    public async Task Cancel_QueuedRun_NeverStartsAndTheOthersDo()
    {
        using var plan = new TemporaryDirectory();
        await using var service = await StartAsync(plan);
        await using var socket = service.Socket("queued");
        await socket.ConnectAsync();
        await socket.ChatAsync("call it", "\"message_id\":\"m1\"");
        await socket.ChatAsync("second", "\"message_id\":\"m2\"");
        await socket.ChatAsync("third", "\"message_id\":\"m3\"");
        await socket.ReadUntilAsync(
            frame => ChatSocket.TypeOf(frame) == "accepted" && frame.GetProperty("data").GetProperty("message_id").GetString() == "m3");
        var second = socket.Notices.Where(notice => ChatSocket.TypeOf(notice) == "accepted").Select(notice => notice.GetProperty("data"))
            .Single(data => data.GetProperty("message_id").GetString() == "m2").GetProperty("run_id").GetString();

        await socket.SendAsync($$$"""{"type":"cancel","payload":{"run_id":"{{{second}}}"}}""");
        await socket.ReadUntilAsync("run_finished");
        await File.WriteAllTextAsync(plan.File("go"), "");
        await socket.ReadUntilAsync("run_finished");
        await socket.ReadUntilAsync("run_finished");

        var ends = socket.Of("run_finished").ToList();
        Assert.Equal(
            ["cancelled", "completed", "completed"], ends.Select(end => end.GetProperty("data").GetProperty("status").GetString()));
        Assert.Equal(second, ends[0].GetProperty("run_id").GetString());
        Assert.DoesNotContain(socket.Of("run_started"), entry => entry.GetProperty("run_id").GetString() == second);
        Assert.Equal(1, service.CountNotes());
    }

    [Fact]
    public async Task Interrupt_RunningRun_IsCancelledAndTheNewOneGoesFirst()
    {
        using var plan = new TemporaryDirectory();
        await using var service = await StartAsync(plan);
        await using var socket = service.Socket("interrupt");
        await socket.ConnectAsync();
        await socket.ChatAsync("write something");
        await socket.ReadUntilAsync("step_delta");
        await socket.ChatAsync("queued");

        await socket.ChatAsync("urgent", "\"on_busy\":\"interrupt\"");
        for (var i = 0; i < 3; i++)
        {
            await socket.ReadUntilAsync("run_finished");
        }

        var messages = socket.Of("run_queued").ToDictionary(
            entry => entry.GetProperty("run_id").GetString()!, entry => entry.GetProperty("data").GetProperty("message").GetString());
        Assert.Equal(
            ["write something", "urgent", "queued"],
            socket.Of("run_started").Select(entry => messages[entry.GetProperty("run_id").GetString()!]));
        Assert.Equal(
            ["cancelled", "completed", "completed"],
            socket.Of("run_finished").Select(entry => entry.GetProperty("data").GetProperty("status").GetString()));
    }

    private static async Task<StandaloneService> StartAsync(TemporaryDirectory plan)
    {
        await File.WriteAllTextAsync(plan.File("plan.json"), Plan);
        var service = new StandaloneService(("AgentStream__Models__scripted__ScriptPath", plan.File("plan.json")));
        await service.StartAsync();
        return service;
    }
}
