using AgentStream.Tests.Distributed.Cluster;
using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Categories;
using AgentStream.Tests.Wire.Fake;

namespace AgentStream.Tests.Distributed.Application;

/// <summary>The whole service against a server that speaks OpenAI's streaming format byte by byte.</summary>
[SystemTest]
public sealed class CompatibleServerTests
{
    [Fact]
    public async Task FirstToken_ReachesTheClientBeforeTheModelHasFinishedItsReply()
    {
        await using var model = await FakeOpenAIServer.StartAsync();
        var gate = new TaskCompletionSource();
        model.Reply(FakeReply.Stream()
            .Delta("""{"reasoning_content":"Hm."}""")
            .Deltas("First")
            .Wait(gate.Task)
            .Deltas(" and last")
            .Finish()
            .Usage()
            .Done());
        await using var service = await StartAsync(model);
        await using var socket = service.Socket("order");
        await socket.ConnectAsync();

        await socket.ChatAsync("hello");
        await socket.ReadUntilAsync(
            frame => ChatSocket.TypeOf(frame) == "step_delta" && frame.GetProperty("data").GetProperty("delta").GetString() == "First");

        // The rest of the reply does not exist yet: only now the model may write it.
        gate.SetResult();
        await socket.ReadUntilAsync("run_finished");
        Assert.Equal(["thought", "final_answer"], socket.KeptSteps.Select(step => step.GetProperty("type").GetString()));
        Assert.Equal(["Hm.", "First and last"], socket.KeptSteps.Select(step => step.GetProperty("content").GetString()));
        var usage = Assert.Single(socket.Of("usage")).GetProperty("data");
        Assert.False(usage.GetProperty("estimated").GetBoolean());
        Assert.Equal(12, usage.GetProperty("total_tokens").GetInt64());
    }

    [Fact]
    public async Task Killed_WhileTheModelStreams_GoesOnAndExecutesTheToolOnce()
    {
        await using var model = await FakeOpenAIServer.StartAsync();
        var never = new TaskCompletionSource();
        model.Otherwise = request =>
            request.Body.GetProperty("messages").EnumerateArray().Any(message => message.GetProperty("role").GetString() == "tool")
            ? FakeReply.Text("It ", "is ", "kept.")
            : FakeReply.Stream()
                .Deltas("I keep it.")
                .ToolCall(0, "c1", "save_note", """{"te""")
                .ToolArguments(0, """xt":"once"}""")
                .Finish("tool_calls")
                .Usage()
                .Done();
        model.Reply(FakeReply.Stream().Deltas("I ke").Wait(never.Task));
        await using var service = await StartAsync(model);
        await using var socket = service.Socket("killed");
        await socket.ConnectAsync();
        await socket.ChatAsync("keep it");
        await socket.ReadUntilAsync("step_delta");

        await service.Process.KillAsync();
        await socket.ReadToTheEndAsync();
        model.Reply(
            FakeReply.Stream()
                .Deltas("I keep it.")
                .ToolCall(0, "c1", "save_note", """{"te""")
                .ToolArguments(0, """xt":"once"}""")
                .Finish("tool_calls")
                .Usage()
                .Done(),
            FakeReply.Stream().Deltas("It ").Wait(never.Task));
        await service.StartAsync();
        await socket.ConnectAsync();
        await socket.ReadUntilAsync(
            frame => ChatSocket.TypeOf(frame) == "step_delta" && frame.GetProperty("data").GetProperty("delta").GetString() == "It ");
        await service.Process.KillAsync();
        await socket.ReadToTheEndAsync();
        await service.StartAsync();
        await socket.ConnectAsync();
        var finished = await socket.ReadUntilAsync("run_finished");

        Assert.Null(socket.Resync);
        Assert.Equal("completed", finished.GetProperty("data").GetProperty("status").GetString());
        Assert.Equal(1, service.CountNotes());
        Assert.Equal([1, 2, 3], socket.Of("run_started").Select(entry => entry.GetProperty("data").GetProperty("attempt").GetInt32()));
        Assert.Equal(["I keep it.", "It is kept."], socket.KeptSteps
            .Where(step => step.GetProperty("type").GetString() is "thought" or "final_answer")
            .Select(step => step.GetProperty("content").GetString()));
    }

    [Fact]
    public async Task Cancel_WhileTheModelStreams_AbortsTheRequestToTheModel()
    {
        await using var model = await FakeOpenAIServer.StartAsync();
        model.Reply(FakeReply.Stream().Deltas("partial").Wait(new TaskCompletionSource().Task));
        await using var service = await StartAsync(model);
        await using var socket = service.Socket("abort");
        await socket.ConnectAsync();
        await socket.ChatAsync("hello");
        await socket.ReadUntilAsync("step_delta");

        await socket.SendAsync("""{"type":"cancel"}""");

        await model.ClientLeft.WaitAsync(TestTimeouts.Default);
        await socket.ReadUntilAsync("run_finished");
        Assert.True(Assert.Single(socket.KeptSteps).GetProperty("cut_off").GetBoolean());
    }

    [Fact]
    public async Task StreamBrokenInTheMiddle_IsAskedForAgainAndTheOldTextTakenBack()
    {
        await using var model = await FakeOpenAIServer.StartAsync();
        var gate = new TaskCompletionSource();
        model.Reply(FakeReply.Stream().Deltas("Half an").Wait(gate.Task).Abort(), FakeReply.Text("A whole ", "answer."));
        await using var service = await StartAsync(model);
        await using var socket = service.Socket("broken");
        await socket.ConnectAsync();

        await socket.ChatAsync("hello");
        await socket.ReadUntilAsync("step_delta");
        gate.SetResult();
        await socket.ReadUntilAsync("run_finished");

        var superseded = Assert.Single(socket.Of("step_superseded")).GetProperty("data");
        Assert.Equal("retried", superseded.GetProperty("reason").GetString());
        Assert.Equal("A whole answer.", Assert.Single(socket.KeptSteps).GetProperty("content").GetString());
    }

    private static async Task<StandaloneService> StartAsync(FakeOpenAIServer model)
    {
        var service = new StandaloneService(("OPENAI_API_BASE", model.BaseAddress.ToString()), ("MODEL_NAME", "fake"));
        await service.StartAsync();
        return service;
    }
}
