using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using AgentStream.Tests.Distributed.Cluster;
using AgentStream.Tests.Support;

namespace AgentStream.Tests.Distributed.Runs;

/// <summary>A run that waits for a person outlives everything that could end meanwhile, and the person's word counts once.</summary>
[Collection(ClusterCollection.Name)]
public sealed class ApprovalTests(ClusterFixture fixture) : IAsyncLifetime
{
    private ServiceCluster Cluster => fixture.Cluster;

    public Task InitializeAsync() => fixture.RestoreAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [RedisFact]
    public async Task Everything_RestartedBetweenQuestionAndAnswer_TheToolIsExecutedOnce()
    {
        await using var socket = Cluster.Socket(0, "approval-restart");
        await socket.ConnectAsync();
        var question = await AskAsync(socket, "approval-restart");

        foreach (var process in Cluster.Apis.Concat(Cluster.Workers).ToList())
        {
            await Cluster.KillAsync(process);
        }

        await socket.ReadToTheEndAsync();
        await Cluster.Redis.KillAsync();
        await Cluster.Redis.StartAgainAsync();
        await Cluster.RestoreAsync(apis: 2, workers: 2);
        socket.Api = ServiceCluster.AddressOf(Cluster.Apis[0]);
        await socket.ConnectAsync();
        Assert.Empty(Cluster.CallsWithNotes("approval-restart"));
        await AnswerAsync(socket, question);
        await socket.ReadUntilAsync("run_finished");

        Assert.Equal("Kept.", socket.KeptSteps[^1].Text("content"));
        Assert.Equal([1, 1], socket.Attempts());
        Assert.Equal(question.Data().Text("tool_call_id"), Assert.Single(Cluster.CallsWithNotes("approval-restart")));
        Cluster.AssertSound(socket, "approval-restart");
    }

    [RedisFact]
    public async Task TwoClients_AnswerAtOnceOnTwoServers_OneCountsAndBothAreTold()
    {
        await using var one = Cluster.Socket(0, "approval-race");
        await using var other = Cluster.Socket(1, "approval-race");
        await one.ConnectAsync();
        await other.ConnectAsync();
        await other.ReadUntilAsync("snapshot");
        var question = await AskAsync(one, "approval-race");
        var path = $"/api/sessions/approval-race/runs/{question.Text("run_id")}/approvals/{question.Data().Text("tool_call_id")}";

        var answers = await Task.WhenAll(Cluster.Apis.Select(async (api, number) =>
        {
            using var http = new HttpClient { BaseAddress = ServiceCluster.AddressOf(api) };
            using var response = await http.PostAsJsonAsync(path, new { approved = true, arguments = new { text = $"by {number}" } });
            return response.StatusCode;
        }));
        await Cluster.OpenGateAsync("approval-race");
        await Task.WhenAll(one.ReadUntilAsync("run_finished"), other.ReadUntilAsync("run_finished"));

        Assert.Equal([HttpStatusCode.NoContent, HttpStatusCode.Conflict], answers.Order());
        var winner = Array.IndexOf(answers, HttpStatusCode.NoContent);
        foreach (var socket in new[] { one, other })
        {
            var resolved = Assert.Single(socket.Of("tool_approval_resolved")).Data();
            Assert.Equal($"by {winner}", resolved.GetProperty("arguments").Text("text"));
        }

        Assert.Single(Cluster.CallsWithNotes("approval-race"));
        Cluster.AssertSound(one, "approval-race");
        ClusterLog.AssertSameLog(one, other);
    }

    internal static async Task<JsonElement> AskAsync(ChatSocket socket, string message)
    {
        await socket.ChatAsync(message, "\"agent_name\":\"researcher\"");
        return await socket.ReadUntilAsync("tool_approval_required");
    }

    internal static Task AnswerAsync(ChatSocket socket, JsonElement question) => socket.SendAsync(JsonSerializer.Serialize(new
    {
        type = "tool_approval",
        payload = new { run_id = question.Text("run_id"), tool_call_id = question.Data().Text("tool_call_id"), approved = true },
    }));
}
