using System.Text.Json;
using AgentStream.Client;
using AgentStream.Tests.Api.Support;
using AgentStream.Tests.Support;
using Microsoft.Extensions.AI;

namespace AgentStream.Tests.Client;

/// <summary>Tools of the program that asks: it executes the calls, and their results arrive.</summary>
public sealed class ClientToolTests : IAsyncLifetime
{
    private const string Asked =
        """{"tool_call_id":"c1","tool_name":"weather","arguments":{"city":"Rome"},"expires_at":1700003601.4,"client_tool":true}""";

    private readonly ClientHome _home = ClientHome.Start();

    private FakeServer Server => _home.Server;

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _home.DisposeAsync().AsTask();

    [Fact]
    public async Task Call_OfATool_IsExecutedAndItsResultGiven()
    {
        var tool = AIFunctionFactory.Create((string city) => $"20 degrees in {city}", "weather", "Tells the weather.").AsClientTool();
        var (asking, connection, payload) = await AskAsync(tool);
        var told = payload.GetProperty("tools")[0];
        Assert.Equal(("weather", "Tells the weather."), (told.Text("name"), told.Text("description")));
        Assert.Equal("string", told.GetProperty("parameters").GetProperty("properties").GetProperty("city").Text("type"));

        Assert.Equal("""{"result":"20 degrees in Rome"}""", await TakeResultAsync(await Server.NextAsync()));
        await connection.SayAsync(Say.Entry(
            3, "tool_approval_resolved", """{"tool_call_id":"c1","approved":true,"by":"client","result":"20 degrees in Rome"}"""));
        var events = await EndAsync(asking, connection);

        Assert.True(Assert.Single(events.OfType<ToolApprovalRequired>()).IsClientTool);
        Assert.Equal("20 degrees in Rome", Assert.Single(events.OfType<ToolApprovalResolved>()).Result);
    }

    [Fact]
    public async Task Result_ThatTheServerCannotTakeNow_IsGivenAgain()
    {
        var executed = 0;
        var (asking, connection, _) = await AskAsync(Tool((_, _) => ValueTask.FromResult<ClientToolResult>($"{++executed}")));

        await (await Server.NextAsync()).AnswerAsync(503);
        var second = await _home.UntilAsync(Server.NextAsync(), TimeSpan.FromSeconds(1));
        await second.AnswerAsync(409, """{"type":"urn:agentstream:error:already_answered","status":409,"detail":"Somebody was faster."}""");
        await EndAsync(asking, connection, 3);

        Assert.Equal(1, executed);
    }

    [Fact]
    public async Task Tool_ThatThrows_IsToldToTheModelAndToTheProgram()
    {
        List<string> failed = [];
        var tool = Tool((_, _) => throw new InvalidOperationException("secret"));
        var (asking, connection, _) = await AskAsync(
            tool, options => options with { ToolFailed = (call, exception) => failed.Add($"{call.ToolName}: {exception.Message}") });

        Assert.Equal("""{"result":"weather failed.","is_error":true}""", await TakeResultAsync(await Server.NextAsync()));
        await EndAsync(asking, connection, 3);

        Assert.Equal(["weather: secret"], failed);
    }

    [Fact]
    public async Task Call_ThatWaitsSinceBefore_IsExecutedByWhoAsksAgain()
    {
        var asking = _home.ReadAsync(_home.Client.Session("s").AskAsync("hi", Options(Tool((call, _) => Text(call)))));
        var connection = await Server.OpenAsync(
            Say.Connected(5),
            Say.Snapshot(
                5,
                messages: Say.Message("m1", "waiting"),
                more: $$""","active_run":{"run_id":"r1","status":"waiting","open_steps":[],"pending_approvals":[{{Asked}}]}"""));

        Assert.Equal("""{"result":"Rome"}""", await TakeResultAsync(await Server.NextAsync()));
        await EndAsync(asking, connection, 6);
    }

    [Fact]
    public async Task Result_OfAToolThatTheProgramExecutesByItself_IsGivenByIt()
    {
        var giving = _home.Client.Session("s").GiveToolResultAsync("r1", "c1", "20 degrees");
        var request = await Server.NextAsync();
        Assert.StartsWith("POST /api/sessions/s/runs/r1/results/c1 ", request.Request, StringComparison.Ordinal);
        Assert.Equal("""{"result":"20 degrees"}""", await TakeResultAsync(request));
        await giving;
    }

    private static ValueTask<ClientToolResult> Text(ClientToolCall call)
        => ValueTask.FromResult<ClientToolResult>(call.Arguments!.Value.GetProperty("city").GetString()!);

    private static ClientTool Tool(Func<ClientToolCall, CancellationToken, ValueTask<ClientToolResult>> execute)
        => new() { Name = "weather", Execute = execute };

    private static AskOptions Options(ClientTool tool) => new() { MessageId = "m1", Tools = [tool] };

    private static async Task<string> TakeResultAsync(FakeConnection request)
    {
        Assert.StartsWith("POST /api/sessions/s/runs/r1/results/c1 ", request.Request, StringComparison.Ordinal);
        var body = await request.BodyAsync();
        await request.AnswerAsync(200);
        return body;
    }

    private async Task<(Task<List<AgentEvent>> Asking, FakeConnection Connection, JsonElement Payload)> AskAsync(
        ClientTool tool, Func<AskOptions, AskOptions>? change = null)
    {
        var options = Options(tool);
        var asking = _home.ReadAsync(_home.Client.Session("s").AskAsync("hi", change?.Invoke(options) ?? options));
        var connection = await Server.OpenAsync(Say.Connected(), Say.Snapshot());
        var payload = (await connection.HearAsync())!.Value.GetProperty("payload");
        await connection.SayAsync(Say.Queued(1, "m1"));
        await connection.SayAsync(Say.Entry(2, "tool_approval_required", Asked));
        return (asking, connection, payload);
    }

    private static async Task<List<AgentEvent>> EndAsync(Task<List<AgentEvent>> asking, FakeConnection connection, long seq = 4)
    {
        await connection.SayAsync(Say.Finished(seq));
        return await asking.WaitAsync(TestTimeouts.Default);
    }
}
