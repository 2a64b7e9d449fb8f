using AgentStream.Tests.Distributed.Cluster;
using AgentStream.Tests.Support.Categories;

namespace AgentStream.Tests.Distributed.Runs;

/// <summary>The same on a bare machine, with the setting that the documentation names and the demo model.</summary>
[SystemTest]
public sealed class StandaloneApprovalTests
{
    [Fact]
    public async Task Killed_BetweenQuestionAndAnswer_ExecutesTheToolOnce()
    {
        await using var service = new StandaloneService(("AgentStream__Agents__researcher__Approvals__0", "save_note"));
        await service.StartAsync();
        await using var socket = service.Socket("ask");
        await socket.ConnectAsync();
        var question = await ApprovalTests.AskAsync(socket, "Please note: buy milk");

        await service.Process.KillAsync();
        await socket.ReadToTheEndAsync();
        await service.StartAsync();
        await using var late = service.Socket("ask");
        await late.ConnectAsync();
        await late.ReadUntilAsync("snapshot");
        var active = late.Snapshot!.Value.GetProperty("active_run");
        Assert.Equal("waiting", active.Text("status"));
        Assert.Equal(
            question.Data().Text("tool_call_id"),
            Assert.Single(active.GetProperty("pending_approvals").EnumerateArray()).Text("tool_call_id"));
        Assert.Equal(0, service.CountNotes());
        await socket.ConnectAsync();
        await ApprovalTests.AnswerAsync(late, question);
        var finished = await socket.ReadUntilAsync("run_finished");

        Assert.Null(socket.Resync);
        Assert.Equal("completed", finished.Data().Text("status"));
        Assert.Equal("client", Assert.Single(socket.Of("tool_approval_resolved")).Data().Text("by"));
        Assert.Equal([1, 1], socket.Attempts());
        Assert.Equal(1, service.CountNotes());
    }
}
