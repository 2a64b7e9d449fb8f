using System.Text.Json;
using AgentStream.Tests.Distributed.Cluster;
using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Categories;

namespace AgentStream.Tests.Distributed.Failures;

/// <summary>The process killed with SIGKILL in the middle of a run, and started again.</summary>
[SystemTest]
public sealed class CrashTests
{
    private const string Plan = """
        {
          "scripts": [
            {
              "replies": [
                [
                  { "thought": "It must be kept." }, { "text": "Saving " }, { "text": "it." },
                  { "wait_for_file": "go-1" },
                  { "tool_call": { "name": "save_note", "arguments": { "text": "only once" } } }
                ],
                [
                  { "text": "One " }, { "text": "two " },
                  { "wait_for_file": "go-2" },
                  { "text": "three." }
                ]
              ]
            }
          ]
        }
        """;

    [Theory]
    [InlineData("it.", "before the call")]
    [InlineData("two ", "after the call")]
    public async Task Killed_InTheMiddleOfARun_GoesOnWithoutALostOrDoubledEvent(string killedAt, string when)
    {
        using var plan = new TemporaryDirectory();
        await File.WriteAllTextAsync(plan.File("plan.json"), Plan);
        await using var service = new StandaloneService(("AgentStream__Models__scripted__ScriptPath", plan.File("plan.json")));
        await service.StartAsync();
        await using var socket = service.Socket("crash");
        await socket.ConnectAsync();
        await socket.ChatAsync("keep it");
        if (when == "after the call")
        {
            await File.WriteAllTextAsync(plan.File("go-1"), "");
        }

        await socket.ReadUntilAsync(frame => IsDelta(frame, killedAt));
        await service.Process.KillAsync();
        await socket.ReadToTheEndAsync();
        await service.StartAsync();
        await socket.ConnectAsync();
        await File.WriteAllTextAsync(plan.File("go-1"), "");
        await File.WriteAllTextAsync(plan.File("go-2"), "");
        var finished = await socket.ReadUntilAsync("run_finished");

        Assert.Null(socket.Resync);
        Assert.Equal("completed", finished.GetProperty("data").GetProperty("status").GetString());
        Assert.Equal([1, 2], socket.Of("run_started").Select(entry => entry.GetProperty("data").GetProperty("attempt").GetInt32()));
        Assert.Equal(1, service.CountNotes());
        Assert.NotEmpty(socket.Of("step_superseded"));
        Assert.Equal(
            ["thought", "thought", "tool_use", "tool_result", "final_answer"],
            socket.KeptSteps.Select(step => step.GetProperty("type").GetString()));
        Assert.Equal("One two three.", socket.KeptSteps[^1].GetProperty("content").GetString());
        foreach (var step in socket.KeptSteps.Where(step => step.GetProperty("type").GetString() is "thought" or "final_answer"))
        {
            Assert.Equal(step.GetProperty("content").GetString(), TextOf(socket, step.GetProperty("step_id").GetString()));
        }
    }

    [Fact]
    public async Task Restarted_SessionsAndTheirFinishedRuns_AreThere()
    {
        await using var service = new StandaloneService();
        await service.StartAsync();
        await using (var socket = service.Socket("kept"))
        {
            await socket.ConnectAsync();
            await socket.ChatAsync("What is 2 + 2?");
            await socket.ReadUntilAsync("run_finished");
        }

        await service.Process.KillAsync();
        await service.StartAsync();
        await using var later = service.Socket("kept");
        await later.ConnectAsync();
        await later.ReadUntilAsync("snapshot");

        var message = Assert.Single(later.Snapshot!.Value.GetProperty("messages").EnumerateArray());
        Assert.Equal("completed", message.GetProperty("status").GetString());
        Assert.Contains(message.GetProperty("steps").EnumerateArray(), step => step.GetProperty("type").GetString() == "final_answer");
        using var http = new HttpClient { BaseAddress = service.Api };
        var list = JsonElement.Parse(await http.GetStringAsync("/api/sessions"));
        Assert.Contains("kept", list.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Terminated_InTheMiddleOfARun_HandsItBackAndGoesOnWithoutCountingAnAttempt()
    {
        using var plan = new TemporaryDirectory();
        await File.WriteAllTextAsync(plan.File("plan.json"), Plan);
        await using var service = new StandaloneService(
            ("AgentStream__Models__scripted__ScriptPath", plan.File("plan.json")), ("AgentStream__Worker__ShutdownGrace", "00:00:00.100"));
        await service.StartAsync();
        await using var socket = service.Socket("stop");
        await socket.ConnectAsync();
        await socket.ChatAsync("keep it");
        await socket.ReadUntilAsync(frame => IsDelta(frame, "it."));

        service.Process.Terminate();
        await socket.ReadToTheEndAsync();
        Assert.Equal(0, await service.Process.WaitForExitAsync());
        await service.StartAsync();
        await socket.ConnectAsync();
        await File.WriteAllTextAsync(plan.File("go-1"), "");
        await File.WriteAllTextAsync(plan.File("go-2"), "");
        await socket.ReadUntilAsync("run_finished");

        Assert.Equal([1, 1], socket.Of("run_started").Select(entry => entry.GetProperty("data").GetProperty("attempt").GetInt32()));
        Assert.Equal(1, service.CountNotes());
        Assert.Equal("One two three.", socket.KeptSteps[^1].GetProperty("content").GetString());
    }

    private static bool IsDelta(JsonElement frame, string ends) =>
        ChatSocket.TypeOf(frame) == "step_delta"
            && frame.GetProperty("data").GetProperty("delta").GetString()!.EndsWith(ends, StringComparison.Ordinal);

    private static string TextOf(ChatSocket socket, string? stepId) => string.Concat(socket.Of("step_delta")
        .Select(entry => entry.GetProperty("data"))
        .Where(data => data.GetProperty("step_id").GetString() == stepId)
        .Select(data => data.GetProperty("delta").GetString()));
}
