using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;
using AgentStream.Tests.Api.Support;

namespace AgentStream.Tests.Api.Http;

public sealed class ApprovalTests : IAsyncLifetime
{
    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Approval_FirstAnswer_CountsAndEveryClientIsTold()
    {
        await using var client = await _host.ConnectAsync("/ws/chat/s1");
        await client.UntilAsync("snapshot");
        var (runId, callId) = await ParkAsync();
        await client.UntilAsync("tool_approval_required");

        using var first = await AnswerAsync(runId, callId, new { approved = true, reason = " fine ", arguments = new { text = "b" } });
        using var second = await AnswerAsync(runId, callId, new { approved = false });

        Assert.Equal(HttpStatusCode.NoContent, first.StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, second.StatusCode);
        await Problems.AssertAsync(second, "already_answered");
        var resolved = (await client.UntilAsync("tool_approval_resolved"))[^1].Data();
        Assert.Equal(
            (callId.Value, true, "client", "fine", true, """{"text":"b"}"""),
            (resolved.Text("tool_call_id"), resolved.GetProperty("approved").GetBoolean(), resolved.Text("by"), resolved.Text("reason"),
                resolved.GetProperty("edited").GetBoolean(),
                resolved.GetProperty("arguments").GetRawText()));
        Assert.NotNull(await _host.Queue.ClaimAsync("w"));
    }

    [Fact]
    public async Task Approval_OverTheSocket_RefusesOnceAndSaysSoToTheSecond()
    {
        var (runId, callId) = await ParkAsync();
        await using var client = await _host.ConnectAsync("/ws/chat/s1");
        var snapshot = (await client.UntilAsync("snapshot"))[^1].Data();
        var answer = JsonSerializer.Serialize(new
        {
            type = "tool_approval",
            payload = new { run_id = runId.Value, tool_call_id = callId.Value, approved = false, reason = "no" },
        });

        await client.SendAsync(answer);
        var resolved = (await client.NextAsync("tool_approval_resolved")).Data();
        await client.SendAsync(answer);
        var error = (await client.NextAsync("error")).Data();

        Assert.Equal("waiting", snapshot.GetProperty("active_run").Text("status"));
        Assert.Equal(
            (false, "no", false),
            (resolved.GetProperty("approved").GetBoolean(), resolved.Text("reason"), resolved.TryGetProperty("arguments", out _)));
        Assert.Equal("already_answered", error.Text("code"));
    }

    [Fact]
    public async Task Transcript_OfARunThatWaits_HasItsQuestionsUntilTheyAreAnswered()
    {
        var (runId, callId) = await ParkAsync();

        var waiting = (await _host.Http.GetFromJsonAsync<JsonElement>("/api/sessions/s1")).GetProperty("active_run");
        using var answer = await AnswerAsync(runId, callId, new { approved = true });
        var answered = (await _host.Http.GetFromJsonAsync<JsonElement>("/api/sessions/s1")).GetProperty("active_run");

        Assert.Equal((runId.Value, "waiting"), (waiting.Text("run_id"), waiting.Text("status")));
        var question = Assert.Single(waiting.GetProperty("pending_approvals").EnumerateArray());
        Assert.Equal(
            (callId.Value, "save_note", """{"text":"a"}""", JsonValueKind.Number),
            (question.Text("tool_call_id"), question.Text("tool_name"), question.GetProperty("arguments").GetRawText(),
                question.GetProperty("expires_at").ValueKind));
        Assert.Empty(answered.GetProperty("pending_approvals").EnumerateArray());
    }

    [Theory]
    [InlineData("""{"approved":true,"arguments":[1]}""", "invalid_option")]
    [InlineData("""{"approved":true,"arguments":"{}"}""", "invalid_option")]
    [InlineData("""{"arguments":{}}""", "invalid_option")]
    [InlineData("""{"approved":"yes"}""", "invalid_frame")]
    public async Task Approval_WrittenWrong_ChangesNothing(string body, string code)
    {
        var (runId, callId) = await ParkAsync();

        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var response = await _host.Http.PostAsync(Path(runId, callId), content);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        await Problems.AssertAsync(response, code);
        Assert.Null(await _host.Queue.ClaimAsync("w"));
    }

    [Fact]
    public async Task Cancel_OfARunThatWaits_SaysCancelledAndNothingIsLeftToAnswer()
    {
        var (runId, callId) = await ParkAsync();

        using var cancelled = await _host.Http.PostAsync($"/api/sessions/s1/runs/{runId}/cancel", null);
        using var late = await AnswerAsync(runId, callId, new { approved = true });

        Assert.Equal("cancelled", (await cancelled.Content.ReadFromJsonAsync<JsonElement>()).Text("status"));
        Assert.Equal(HttpStatusCode.NotFound, late.StatusCode);
        await Problems.AssertAsync(late, "no_such_approval");
    }

    private static string Path(RunId runId, ToolCallId callId) => $"/api/sessions/s1/runs/{runId}/approvals/{callId}";

    private Task<HttpResponseMessage> AnswerAsync(RunId runId, ToolCallId callId, object answer)
        => _host.Http.PostAsJsonAsync(Path(runId, callId), answer);

    private async Task<(RunId RunId, ToolCallId CallId)> ParkAsync()
    {
        await _host.PostAsync("s1", "save it");
        var lease = (await _host.ClaimAsync()).Claim.Lease;
        var callId = ToolCallId.Create(lease.RunId, 1, 0);
        var park = new RunPark
        {
            Append = new RunAppend
            {
                Lease = lease,
                Sequence = 1,
                Events =
                [
                    new RunStarted { AgentName = "assistant", Model = "scripted" },
                    new ToolApprovalRequired
                    {
                        ToolCallId = callId,
                        ToolName = "save_note",
                        Arguments = JsonElement.Parse("""{"text":"a"}"""),
                        ExpiresAt = DateTimeOffset.UtcNow.AddHours(1),
                    },
                ],
            },
            IfCancelled = new RunFinished { Status = RunStatus.Cancelled },
        };
        Assert.Equal(AppendStatus.Appended, (await _host.Queue.ParkAsync(park)).Status);
        return (lease.RunId, callId);
    }
}
