using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using AgentStream.Access;
using AgentStream.Tests.Api.Support;

namespace AgentStream.Tests.Access;

/// <summary>Administrators see and end all runs, and nothing of what is said in them.</summary>
public sealed class AdministrationTests : IAsyncLifetime
{
    private GuardedApi _api = null!;
    private string _admin = "";
    private string _owner = "";

    public async Task InitializeAsync()
    {
        _api = await GuardedApi.StartAsync();
        _admin = await _api.KeyAsync("operator", Scopes.Admin);
        _owner = await _api.KeyAsync("anna");
    }

    public async Task DisposeAsync() => await _api.DisposeAsync();

    [Fact]
    public async Task Runs_OfAllOwners_AreListedWithoutTheirText()
    {
        await _api.BeginAsync("a1", _owner);
        await _api.BeginAsync("b1", await _api.KeyAsync("bert"));
        var claimed = await _api.Host.ClaimAsync();

        var text = await ReadAsync("/api/admin/runs");

        Assert.DoesNotContain("mine", text, StringComparison.Ordinal);
        var runs = JsonElement.Parse(text).GetProperty("runs").EnumerateArray().ToList();
        Assert.Equal(["a1", "b1"], runs.Select(run => run.Text("session_id")));
        Assert.Equal(["key:anna", "key:bert"], runs.Select(run => run.Text("owner")));
        Assert.Equal(["running", "queued"], runs.Select(run => run.Text("status")));
        Assert.Equal((claimed.RunId.Value, "test", 1), (runs[0].Text("run_id"), runs[0].Text("worker"), runs[0].Number("attempt")));
        Assert.All(runs, run => Assert.InRange(
            run.GetProperty("since").GetDouble(), DateTimeOffset.UtcNow.AddMinutes(-1).ToUnixTimeSeconds(), double.MaxValue));
        Assert.All(runs, run => Assert.NotEmpty(run.Text("agent_name")!));

        var page = JsonElement.Parse(await ReadAsync("/api/admin/runs?limit=1"));
        Assert.Equal("a1", page.Text("next"));
        Assert.Equal(["b1"], SessionsOf(await ReadAsync($"/api/admin/runs?limit=1&page_token={page.Text("next")}")));
        await claimed.CompleteAsync("done");
        Assert.Equal(["b1"], SessionsOf(await ReadAsync("/api/admin/runs")));
    }

    [Fact]
    public async Task Run_OfSomebodyElse_CanBeEnded_AndItsLogSaysByWhom()
    {
        await _api.BeginAsync("a1", _owner);
        await using var client = await _api.Host.ConnectAsAsync(_owner, "/ws/chat/a1");
        await client.UntilAsync("snapshot");
        var claimed = await _api.Host.ClaimAsync();
        await claimed.StartAsync();

        using var ended = await CancelAsync("a1", claimed.RunId.Value);

        Assert.Equal(HttpStatusCode.Accepted, ended.StatusCode);
        Assert.Equal("requested", (await ended.Content.ReadFromJsonAsync<JsonElement>()).Text("status"));
        Assert.Equal("administrator", (await client.UntilAsync("cancel_requested"))[^1].Data().Text("by"));
        using var absent = await CancelAsync("nobody-was-here", claimed.RunId.Value);
        Assert.Equal(HttpStatusCode.NotFound, absent.StatusCode);
        await Problems.AssertAsync(absent, "unknown_run");
    }

    [Theory]
    [InlineData("limit=0")]
    [InlineData("limit=201")]
    [InlineData("page_token=a%20b")]
    public async Task Runs_AskedForWrongly_AreRefusedWithASentence(string query)
    {
        using var response = await _api.SendAsync(HttpMethod.Get, $"/api/admin/runs?{query}", _admin);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        await Problems.AssertAsync(response, "invalid_option");
    }

    private static IEnumerable<string?> SessionsOf(string page)
        => JsonElement.Parse(page).GetProperty("runs").EnumerateArray().Select(run => run.Text("session_id"));

    private async Task<string> ReadAsync(string path)
    {
        using var response = await _api.SendAsync(HttpMethod.Get, path, _admin);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadAsStringAsync();
    }

    private Task<HttpResponseMessage> CancelAsync(string session, string run)
        => _api.SendAsync(HttpMethod.Post, $"/api/admin/sessions/{session}/runs/{run}/cancel", _admin);
}
