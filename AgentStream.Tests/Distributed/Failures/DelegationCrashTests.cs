using AgentStream.Tests.Distributed.Cluster;
using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Categories;

namespace AgentStream.Tests.Distributed.Failures;

/// <summary>The process killed with SIGKILL while one agent works for another.</summary>
[SystemTest]
public sealed class DelegationCrashTests
{
    private const string Plan = """
        {
          "scripts": [
            {
              "when": "note the fact",
              "replies": [
                [ { "tool_call": { "name": "save_note", "arguments": { "text": "only once" } } } ],
                [ { "text": "It is " }, { "wait_for_file": "go" }, { "text": "noted." } ]
              ]
            },
            {
              "replies": [
                [ { "tool_call": { "name": "delegate", "arguments": { "agent": "assistant", "task": "note the fact" } } } ],
                [ { "text": "The assistant has done it." } ]
              ]
            }
          ]
        }
        """;

    [Fact]
    public async Task Killed_WhileTheOtherAgentWrites_GoesOnInsideItsWork()
    {
        using var files = new TemporaryDirectory();
        await File.WriteAllTextAsync(files.File("plan.json"), Plan);
        Directory.CreateDirectory(files.File("agents"));
        await File.WriteAllTextAsync(
            files.File("agents/chief.md"), "---\ndescription: Lets others work.\ndelegates: assistant\n---\nDelegate.");
        await using var service = new StandaloneService(
            ("AgentStream__Models__scripted__ScriptPath", files.File("plan.json")),
            ("AgentStream__AgentFiles__Directory", files.File("agents")));
        await service.StartAsync();
        await using var socket = service.Socket("delegated");
        await socket.ConnectAsync();
        await socket.SendAsync("""{"type":"chat","payload":{"message":"have it kept","agent_name":"chief"}}""");

        await socket.ReadUntilAsync(
            frame => ChatSocket.TypeOf(frame) == "step_delta" && frame.GetProperty("data").GetProperty("delta").GetString() == "It is ");
        await service.Process.KillAsync();
        await socket.ReadToTheEndAsync();
        await service.StartAsync();
        await socket.ConnectAsync();
        await File.WriteAllTextAsync(files.File("go"), "");
        var finished = await socket.ReadUntilAsync("run_finished");

        Assert.Equal("completed", finished.GetProperty("data").GetProperty("status").GetString());
        Assert.Equal([1, 2], socket.Of("run_started").Select(entry => entry.GetProperty("data").GetProperty("attempt").GetInt32()));
        Assert.Equal(1, service.CountNotes());
        Assert.NotEmpty(socket.Of("step_superseded"));
        Assert.Equal(
            ["tool_use", "tool_use", "tool_result", "tool_result", "final_answer"],
            socket.KeptSteps.Select(step => step.GetProperty("type").GetString()));
        var call = socket.KeptSteps[0].GetProperty("step_id").GetString();
        Assert.All(socket.KeptSteps.Skip(1).Take(3), step => Assert.Equal(
            (call, "assistant"), (step.GetProperty("parent_step_id").GetString(), step.GetProperty("agent_name").GetString())));
        Assert.Equal("It is noted.", socket.KeptSteps[3].GetProperty("content").GetString());
        Assert.Equal("chief", socket.KeptSteps[4].GetProperty("agent_name").GetString());
    }
}
