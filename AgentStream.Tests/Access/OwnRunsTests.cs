using System.Net;
using System.Text.Json;
using AgentStream.Access;
using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;
using AgentStream.Tests.Api.Support;

namespace AgentStream.Tests.Access;

/// <summary>Everybody sees the runs of their own sessions, with what these ask, and nobody else's.</summary>
public sealed class OwnRunsTests : IAsyncLifetime
{
    private GuardedApi _api = null!;
    private string _anna = "";

    public async Task InitializeAsync()
    {
        _api = await GuardedApi.StartAsync();
        _anna = await _api.KeyAsync("anna");
    }

    public async Task DisposeAsync() => await _api.DisposeAsync();

    [Fact]
    public async Task Runs_OfSeveralOwners_AreShownToTheirOwnersAlone()
    {
        var bert = await _api.KeyAsync("bert");
        await _api.BeginAsync("a1", _anna);
        await _api.BeginAsync("b1", bert);
        var claimed = await _api.Host.ClaimAsync();

        var annas = await RunsAsync(_anna);

        var run = Assert.Single(annas);
        Assert.Equal(("a1", claimed.RunId.Value, "running", "mine"),
            (run.Text("session_id"), run.Text("run_id"), run.Text("status"), run.Text("title")));
        Assert.True(run.GetProperty("lease_until").GetDouble() > run.GetProperty("since").GetDouble());
        Assert.Equal("b1", Assert.Single(await RunsAsync(bert)).Text("session_id"));
        Assert.Empty(await RunsAsync(await _api.KeyAsync("carl")));
    }

    [Fact]
    public async Task Run_ThatAsksAPerson_SaysWhatItAsks_ToItsOwnerAlone()
    {
        await _api.BeginAsync("a1", _anna);
        var lease = (await _api.Host.ClaimAsync()).Claim.Lease;
        var question = new ToolApprovalRequired
        {
            ToolCallId = ToolCallId.Create(lease.RunId, 1, 0),
            ToolName = "save_note",
            Arguments = JsonElement.Parse("""{"text":"secret"}"""),
            ExpiresAt = DateTimeOffset.UtcNow.AddHours(1),
        };
        var parked = await _api.Host.Queue.ParkAsync(new RunPark
        {
            Append = new RunAppend { Lease = lease, Sequence = 1, Events = [question] },
            IfCancelled = new RunFinished { Status = RunStatus.Cancelled },
        });
        Assert.Equal(AppendStatus.Appended, parked.Status);

        var asked = Assert.Single((await RunsAsync(_anna))[0].GetProperty("approvals").EnumerateArray());

        Assert.Equal(("save_note", question.ToolCallId.Value, "secret"),
            (asked.Text("tool_name"), asked.Text("tool_call_id"), asked.GetProperty("arguments").Text("text")));
        var admin = await _api.KeyAsync("operator", Scopes.Admin);
        using var all = await _api.SendAsync(HttpMethod.Get, "/api/admin/runs", admin);
        var text = await all.Content.ReadAsStringAsync();
        Assert.Contains("waiting", text, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
        Assert.DoesNotContain("mine", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SpentToday_AfterARun_CountsItsTokens()
    {
        await _api.BeginAsync("a1", _anna);
        await (await _api.Host.ClaimAsync()).CompleteAsync("done");

        using var response = await _api.SendAsync(HttpMethod.Get, "/api/runs", _anna);

        var spent = JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("spent_today");
        Assert.Equal(7, spent.Number("tokens"));
        Assert.False(spent.TryGetProperty("cost", out _), "Nothing has a price.");
    }

    [Theory]
    [InlineData("limit=0")]
    [InlineData("limit=201")]
    [InlineData("page_token=a%20b")]
    public async Task Runs_AskedForWrongly_AreRefusedWithASentence(string query)
    {
        using var response = await _api.SendAsync(HttpMethod.Get, $"/api/runs?{query}", _anna);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        await Problems.AssertAsync(response, "invalid_option");
    }

    private async Task<List<JsonElement>> RunsAsync(string key)
    {
        using var response = await _api.SendAsync(HttpMethod.Get, "/api/runs", key);
        response.EnsureSuccessStatusCode();
        return [.. JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("runs").EnumerateArray()];
    }
}
