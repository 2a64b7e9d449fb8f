using AgentStream.Client;

namespace AgentStream.Tests.Client;

/// <summary>What goes over HTTP.</summary>
public sealed class RequestTests : IAsyncLifetime
{
    private readonly ClientHome _home = ClientHome.Start();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _home.DisposeAsync().AsTask();

    [Fact]
    public async Task Agents_AreRead()
    {
        var asking = _home.Client.GetAgentsAsync();
        var request = await _home.Server.NextAsync();
        Assert.StartsWith("GET /api/agents ", request.Request, StringComparison.Ordinal);
        await request.AnswerAsync(
            200,
            """[{"name":"a","description":"d","model":"m","tools":[{"name":"t","description":"x","idempotent":true,"approval":true}],"new":1}]""");

        var agent = Assert.Single(await asking);
        Assert.Equal(("a", "d", "m"), (agent.Name, agent.Description, agent.Model));
        Assert.Equal(("t", true, true), agent.Tools.Select(tool => (tool.Name, tool.Idempotent, tool.Approval)).Single());
    }

    [Fact]
    public async Task Sessions_OfSeveralPages_AreReadOneAfterTheOther()
    {
        var reading = ReadAsync();
        var first = await _home.Server.NextAsync();
        Assert.StartsWith("GET /api/sessions?limit=100&search=a%20b ", first.Request, StringComparison.Ordinal);
        await first.AnswerAsync(
            200, """{"sessions":[{"session_id":"s1","owner":"o","created_at":1.5,"busy":true,"state":"waiting"}],"next":"n+1"}""");
        var second = await _home.Server.NextAsync();
        Assert.Contains("&page_token=n%2B1 ", second.Request, StringComparison.Ordinal);
        await second.AnswerAsync(200, """{"sessions":[]}""");

        Assert.Equal(("s1", SessionState.Waiting), (await reading).Select(one => (one.SessionId, one.State)).Single());

        async Task<List<SessionSummary>> ReadAsync()
        {
            List<SessionSummary> all = [];
            await foreach (var session in _home.Client.GetSessionsAsync("a b"))
            {
                all.Add(session);
            }

            return all;
        }
    }

    [Fact]
    public async Task Attachment_IsAddedByItsNameAndRead()
    {
        var adding = _home.Client.Session("s").AddAttachmentAsync("a;b"u8.ToArray(), "Größen.csv", "text/csv");
        var request = await _home.Server.NextAsync();
        Assert.StartsWith("POST /api/sessions/s/attachments ", request.Request, StringComparison.Ordinal);
        Assert.Equal("text/csv", request.Header("Content-Type"));
        Assert.EndsWith("filename*=utf-8''Gr%C3%B6%C3%9Fen.csv", request.Header("Content-Disposition"), StringComparison.Ordinal);
        await request.AnswerAsync(201, """{"id":"a1","name":"Größen.csv","media_type":"text/csv","size":3}""");
        Assert.Equal(new Attachment("a1", "Größen.csv", "text/csv", 3), await adding);

        var reading = _home.Client.Session("s").GetAttachmentAsync("a1");
        request = await _home.Server.NextAsync();
        Assert.StartsWith("GET /api/sessions/s/attachments/a1 ", request.Request, StringComparison.Ordinal);
        await request.AnswerAsync(200, "a;b", "application/octet-stream");
        Assert.Equal("a;b"u8.ToArray(), await reading);
    }

    [Fact]
    public async Task Cancel_OfARunUnderWay_IsRequested()
    {
        var cancelling = _home.Client.Session("s").CancelAsync("r1");
        var request = await _home.Server.NextAsync();
        Assert.StartsWith("POST /api/sessions/s/runs/r1/cancel ", request.Request, StringComparison.Ordinal);
        await request.AnswerAsync(202, """{"run_id":"r1","status":"requested"}""");

        Assert.Equal(CancelOutcome.Requested, await cancelling);
    }

    [Fact]
    public async Task Approval_ThatSomebodyAnswered_SaysSo()
    {
        var answering = _home.Client.Session("s").AnswerApprovalAsync("r1", "c1", approved: true);
        var request = await _home.Server.NextAsync();
        Assert.StartsWith("POST /api/sessions/s/runs/r1/approvals/c1 ", request.Request, StringComparison.Ordinal);
        await request.AnswerAsync(
            409, """{"type":"urn:agentstream:error:already_answered","status":409,"detail":"Somebody was faster."}""");

        var exception = await Assert.ThrowsAsync<AgentStreamException>(() => answering);
        Assert.Equal(("already_answered", "Somebody was faster."), (exception.Code, exception.Message));
    }

    [Fact]
    public async Task Answer_OfSomebodyElse_SaysWhatToCheck()
    {
        var asking = _home.Client.GetAgentsAsync();
        await (await _home.Server.NextAsync()).AnswerAsync(200, "<html>", "text/html");
        Assert.Equal("invalid_answer", (await Assert.ThrowsAsync<AgentStreamException>(() => asking)).Code);

        asking = _home.Client.GetAgentsAsync();
        await (await _home.Server.NextAsync()).AnswerAsync(502, "<html>", "text/html");
        Assert.Contains("502", (await Assert.ThrowsAsync<AgentStreamException>(() => asking)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("../agents")]
    [InlineData("ü")]
    public void Session_WithAnIdThatIsNone_IsRefused(string id)
        => Assert.Contains("1 to 128", Assert.Throws<ArgumentException>(() => _home.Client.Session(id)).Message, StringComparison.Ordinal);

    [Fact]
    public void Session_WithoutAnId_HasARandomOne()
        => Assert.NotEqual(_home.Client.Session().Id, _home.Client.Session().Id);

    [Theory]
    [InlineData("localhost:8000")]
    [InlineData("ftp://localhost")]
    public void Client_OfAnAddressThatIsNone_IsRefused(string address)
        => Assert.Throws<ArgumentException>(() => new AgentStreamClient(new Uri(address, UriKind.RelativeOrAbsolute)));

    [Theory]
    [InlineData("e1:42", true)]
    [InlineData("42", false)]
    [InlineData("e1:-2", false)]
    [InlineData(null, false)]
    public void Cursor_AsText_IsReadBack(string? text, bool isOne)
    {
        Assert.Equal(isOne, Cursor.TryParse(text, out var cursor));
        Assert.Equal(isOne ? text : null, cursor?.ToString());
    }
}
