using AgentStream.Tests.Distributed.Cluster;
using AgentStream.Tests.Support;

namespace AgentStream.Tests.Distributed.Failures;

/// <summary>The worker that has a run dies or freezes, in each phase of the run; the other goes on.</summary>
/// <remarks>
/// Only with processes that are the tests' own: these hold a tool or Redis at one point, or freeze a worker, and read what it writes.
/// </remarks>
[Collection(ClusterCollection.Name)]
public sealed class WorkerLossTests(ClusterFixture fixture) : IAsyncLifetime
{
    private ServiceCluster Cluster => fixture.Cluster;

    public Task InitializeAsync() => fixture.RestoreAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [RedisFact]
    public async Task Killed_WhileTheModelStreams_TheOtherBeginsTheReplyAgain()
    {
        await using var socket = await AskAsync("model-streams");
        await socket.ReadUntilAsync(frame => ClusterLog.IsDelta(frame, "Let me "));

        await Cluster.KillAsync(await Cluster.WorkerOfAsync("model-streams"));
        await Cluster.OpenGateAsync("model-streams");
        await EndsWellAsync(socket, "model-streams");

        Assert.NotEmpty(socket.Of("step_superseded"));
        Assert.Single(Cluster.CallsWithNotes("model-streams"));
        Assert.False(Assert.Single(socket.Results("save_note")).Is("in_doubt"));
    }

    [RedisFact]
    public async Task Killed_BeforeTheToolDidAnything_TheCallIsInDoubtAndNotRepeated()
    {
        var gate = Cluster.BlockNotes("call-not-begun");
        await using var socket = await AskAsync("call-not-begun");
        await gate.WaitForToolAsync();

        await Cluster.KillAsync(await Cluster.WorkerOfAsync("call-not-begun"));
        await gate.CloseAsync();
        await EndsWellAsync(socket, "call-not-begun");

        Assert.Empty(Cluster.CallsWithNotes("call-not-begun"));
        Assert.True(Assert.Single(socket.Results("save_note")).Is("in_doubt"));
    }

    [RedisFact]
    public async Task Killed_BetweenTheEffectAndItsResult_TheCallIsInDoubtAndNotRepeated()
    {
        var gate = Cluster.BlockNotes("call-done");
        await using var socket = await AskAsync("call-done");
        await gate.WaitForToolAsync();
        var worker = await Cluster.WorkerOfAsync("call-done");

        // Writes are held up: the note is written, its result can't be.
        await Cluster.Redis.AskAsync("CLIENT", "PAUSE", "60000", "WRITE");
        await gate.OpenAsync();
        await Cluster.KillAsync(worker);
        await Cluster.Redis.AskAsync("CLIENT", "UNPAUSE");
        await EndsWellAsync(socket, "call-done");

        Assert.Single(Cluster.CallsWithNotes("call-done"));
        Assert.True(Assert.Single(socket.Results("save_note")).Is("in_doubt"));
    }

    [RedisFact]
    public async Task Killed_BetweenTwoResults_TheFirstStandsAndIsNotCalledAgain()
    {
        var gate = Cluster.BlockNotes("between-results");
        await using var socket = await AskAsync("between-results");
        await gate.WaitForToolAsync();

        await Cluster.KillAsync(await Cluster.WorkerOfAsync("between-results"));
        await gate.CloseAsync();
        await EndsWellAsync(socket, "between-results");

        Assert.Single(socket.Steps, step => step.Text("type") == "tool_result" && step.Text("tool_name") == "calculator");
        Assert.Contains("42", Assert.Single(socket.Results("calculator")).Text("content"), StringComparison.Ordinal);
        Assert.True(Assert.Single(socket.Results("save_note")).Is("in_doubt"));
        Assert.Empty(Cluster.CallsWithNotes("between-results"));
    }

    [RedisFact]
    public async Task Frozen_BeyondItsLease_WritesNothingWhenItWakes()
    {
        await using var socket = await AskAsync("frozen");
        await socket.ReadUntilAsync(frame => ClusterLog.IsDelta(frame, "One "));
        var frozen = await Cluster.WorkerOfAsync("frozen");

        frozen.Pause();
        await socket.ReadUntilAsync("run_started");
        await socket.ReadUntilAsync(frame => ClusterLog.IsDelta(frame, "One "));
        Assert.NotEqual(frozen.Id, (await Cluster.WorkerOfAsync("frozen")).Id);
        await Cluster.OpenGateAsync("frozen");
        frozen.Continue();
        await frozen.WaitForLineAsync("The lease of the run was lost");
        await EndsWellAsync(socket, "frozen");

        Assert.Single(Cluster.CallsWithNotes("frozen"));
    }

    [RedisFact]
    public async Task Killed_ThreeTimes_TheRunFailsAndSaysSo()
    {
        await using var socket = await AskAsync("deadly");
        for (var attempt = 1; attempt <= 3; attempt++)
        {
            await socket.ReadUntilAsync("step_delta");
            await Cluster.KillAsync(await Cluster.WorkerOfAsync("deadly"));
            await fixture.RestoreAsync();
        }

        var finished = (await socket.ReadUntilAsync("run_finished")).Data();

        Assert.Equal("failed", finished.Text("status"));
        Assert.Equal("attempts_exhausted", finished.Text("error_code"));
        Cluster.AssertSound(socket, "deadly");
    }

    private async Task<ChatSocket> AskAsync(string what)
    {
        var socket = Cluster.Socket(0, what);
        await socket.ConnectAsync();
        await socket.ChatAsync(what);
        return socket;
    }

    private Task EndsWellAsync(ChatSocket socket, string sessionId) => Cluster.AssertEndsWellAsync(socket, sessionId, 1, 2);
}
