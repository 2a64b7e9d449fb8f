using AgentStream.Tests.Distributed.Cluster;
using AgentStream.Tests.Distributed.Runs;
using AgentStream.Tests.Support;

namespace AgentStream.Tests.Samples;

/// <summary>The sample's worker in the place of ours: its tools and agents, and what becomes of them when it is killed.</summary>
public sealed class WorkerProcessTests : IDisposable
{
    private const string Project = "samples/AgentStream.Samples.Worker";

    private readonly TemporaryDirectory _folder = new();

    private string OrdersFile => _folder.File("orders.txt");

    [RedisFact]
    public async Task Refund_WithThePlanOfTheSample_WaitsForAPersonAndIsPaidOnce()
    {
        await using var cluster = await StartAsync(Repository.Read($"{Project}/plan.json"));
        await using var socket = await AskAsync(cluster, "refund", "clerk");

        var question = await socket.ReadUntilAsync("tool_approval_required");
        Assert.False(File.Exists(OrdersFile));
        await ApprovalTests.AnswerAsync(socket, question);
        await socket.ReadUntilAsync("run_finished");

        Assert.Equal(["refund A-17 12.5"], File.ReadLines(OrdersFile));
        Assert.Equal("The refund of A-17 is on its way.", socket.KeptSteps[^1].Text("content"));
        Assert.StartsWith(
            "Asking the bank about A-17\n", Assert.Single(socket.Results("refund")).Text("content"), StringComparison.Ordinal);
    }

    [RedisFact]
    public async Task Agent_OfTheFrameworkKilledAfterItsCall_DoesNotCallAgain()
    {
        await using var cluster = await StartAsync("""
            { "scripts": [ { "replies": [
              [ { "tool_call": { "name": "ship", "arguments": { "order": "A-17" } } } ],
              [ { "text": "A-17 " }, { "wait_for_file": "killed" }, { "text": "is on its way." } ] ] } ] }
            """);
        await using var socket = await AskAsync(cluster, "killed", "dispatcher");
        await socket.ReadUntilAsync(frame => ClusterLog.IsDelta(frame, "A-17 "));

        await cluster.KillWorkerOfAsync("killed");
        await cluster.OpenGateAsync("killed");
        await socket.ReadUntilAsync("run_finished");

        Assert.Equal([1, 2], socket.Attempts());
        Assert.Equal(["ship A-17"], File.ReadLines(OrdersFile));
        Assert.False(Assert.Single(socket.Results("ship")).Is("in_doubt"));
        Assert.Equal("A-17 is on its way.", socket.KeptSteps[^1].Text("content"));
        cluster.AssertSound(socket, "killed");
    }

    [RedisFact]
    public async Task Agent_OfTheFrameworkKilledDuringItsCall_LeavesItInDoubtAndDoesNotCallAgain()
    {
        await using var cluster = await StartAsync("""
            { "scripts": [ { "replies": [
              [ { "tool_call": { "name": "ship", "arguments": { "order": "A-17" } } } ], [ { "text": "I will check." } ] ] } ] }
            """);
        ServiceCluster.MakePipe(OrdersFile);
        await using var socket = await AskAsync(cluster, "doubted", "dispatcher");
        await using var pipe = await Task.Run(() => new FileStream(OrdersFile, FileMode.Open, FileAccess.Read))
            .WaitAsync(TestTimeouts.Default);

        await cluster.KillWorkerOfAsync("doubted");
        File.Delete(OrdersFile);
        await socket.ReadUntilAsync("run_finished");

        Assert.Equal([1, 2], socket.Attempts());
        Assert.False(File.Exists(OrdersFile));
        Assert.True(Assert.Single(socket.Results("ship")).Is("in_doubt"));
        Assert.Equal("I will check.", socket.KeptSteps[^1].Text("content"));
        cluster.AssertSound(socket, "doubted");
    }

    public void Dispose() => _folder.Dispose();

    private Task<ServiceCluster> StartAsync(string plan) => ServiceCluster.StartWithWorkersAsync(Project, plan, ("OrdersFile", OrdersFile));

    private static async Task<ChatSocket> AskAsync(ServiceCluster cluster, string what, string agent)
    {
        var socket = cluster.Socket(0, what);
        await socket.ConnectAsync();
        await socket.ChatAsync(what, $"\"agent_name\":\"{agent}\"");
        return socket;
    }
}
