using System.Text.Json;
using AgentStream.Client;

namespace AgentStream.Tests.Client;

/// <summary>What is asked is answered once and in order, whatever happens on the way.</summary>
public sealed class AskTests : IAsyncLifetime
{
    private static readonly AskOptions Options = new() { Agent = "researcher", MessageId = "m1" };

    private const string Open =
        """
        ,"reason":"too_slow","active_run":{"run_id":"r1","status":"running","attempt":1,"pending_approvals":[],
        "open_steps":[{"step_id":"x","step_type":"answer","content":"One two","iteration":1}]}
        """;

    private readonly ClientHome _home = ClientHome.Start();

    private FakeServer Server => _home.Server;

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _home.DisposeAsync().AsTask();

    [Fact]
    public async Task Ask_AQuietConnection_GivesTheRunFromBeginningToEnd()
    {
        var asking = AskAsync();
        var connection = await Server.OpenAsync(Say.Connected(), Say.Snapshot());
        Assert.StartsWith("GET /ws/chat/s ", connection.Request, StringComparison.Ordinal);

        var chat = (await connection.HearAsync())!.Value;
        Assert.Equal(
            """{"type":"chat","payload":{"message":"hi","message_id":"m1","agent_name":"researcher"}}""", chat.GetRawText());
        await SayAsync(connection, Say.Accepted("m1"), Say.Queued(1, "m1"), Say.Delta(2, "One "), Say.Short(3, "two "));
        await SayAsync(connection, Say.Short(5, "three", 4), Say.Answer(6, "One two three"), Say.Finished(7));

        var events = await asking;
        Assert.Equal("One two three", Text(events));
        Assert.Equal([1, 2, 3, 5, 6, 7], events.OfType<LogEvent>().Select(entry => entry.Seq));
        Assert.All(events.OfType<LogEvent>(), entry => Assert.Equal("r1", entry.RunId));
        Assert.Equal(4, events.OfType<StepDelta>().Last().FirstSeq);
        Assert.All(
            events.OfType<StepDelta>(),
            delta => Assert.Equal(("x", DeltaType.Answer, 1), (delta.StepId, delta.StepType, delta.Iteration)));
        Assert.Equal(RunStatus.Completed, Assert.IsType<RunFinished>(events[^1]).Status);
        Assert.Null(await connection.HearAsync());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1000)]
    public async Task Ask_FramesInFragments_AreRead(int size)
    {
        var asking = AskAsync();
        var connection = await Server.OpenAsync();
        foreach (var frame in (string[])[
            Say.Connected(), Say.Snapshot(), Say.Queued(1, "m1"), Say.Delta(2, "Grüße, 世界 🌍"), Say.Answer(3, "x"), Say.Finished(4)])
        {
            await connection.SaySplitAsync(frame, size);
        }

        Assert.Equal("Grüße, 世界 🌍", Text(await asking));
    }

    [Theory]
    [InlineData(1001)]
    [InlineData(1012)]
    [InlineData(1013)]
    [InlineData(4500)]
    [InlineData(4599)]
    [InlineData(0)]
    public async Task Ask_ConnectionLostInTheAnswer_GoesOnWhereItWas(int code)
    {
        var asking = AskAsync();
        var connection = await Server.OpenAsync(Say.Connected(), Say.Snapshot());
        await SayAsync(connection, Say.Accepted("m1"), Say.Queued(1, "m1"), Say.Delta(2, "One "));
        await connection.HearAsync();
        await LoseAsync(connection, code);

        var second = await Server.OpenAsync(Say.Connected(3, resumed: true, epoch: "e2"));
        Assert.StartsWith("GET /ws/chat/s?after=2&epoch=e1 ", second.Request, StringComparison.Ordinal);
        await SayAsync(second, Say.Delta(2, "again "), Say.Delta(3, "two"), Say.Answer(4, "One two"));
        await LoseAsync(second, code);

        var third = await Server.OpenAsync(Say.Connected(5, resumed: true));
        Assert.StartsWith("GET /ws/chat/s?after=4&epoch=e2 ", third.Request, StringComparison.Ordinal);
        await SayAsync(third, Say.Finished(5));

        var events = await asking;
        Assert.Equal("One two", Text(events));
        Assert.Equal([1, 2, 3, 4, 5], events.OfType<LogEvent>().Select(entry => entry.Seq));
        Assert.Equal(2, events.OfType<ConnectionLost>().Count());
    }

    [Theory]
    [InlineData(1002)]
    [InlineData(1008)]
    [InlineData(1009)]
    [InlineData(4400)]
    [InlineData(4429)]
    [InlineData(4444)]
    public async Task Ask_ClosedForGood_EndsWithTheReason(int code)
    {
        var asking = AskAsync();
        var connection = await Server.OpenAsync(Say.Connected(), Say.Snapshot());
        await connection.CloseAsync(code, "why");

        var exception = await Assert.ThrowsAsync<AgentStreamException>(() => asking);
        Assert.Contains($"({code}, why)", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ask_LostBeforeItWasAccepted_IsSentAgainUnderItsId()
    {
        var asking = AskAsync();
        var connection = await Server.OpenAsync(Say.Connected(), Say.Snapshot());
        var first = await connection.HearAsync();
        connection.Break();

        var second = await Server.OpenAsync(Say.Connected(1, resumed: true));
        var again = await second.HearAsync();
        Assert.Equal(first!.Value.GetRawText(), again!.Value.GetRawText());
        await SayAsync(second, Say.Queued(1, "m1"), Say.Accepted("m1", duplicate: true), Say.Finished(2));

        Assert.Single((await asking).OfType<RunQueued>());
    }

    [Fact]
    public async Task Ask_AcceptedAndThenLost_IsNotSentAgain()
    {
        var asking = AskAsync();
        var connection = await Server.OpenAsync(Say.Connected(), Say.Snapshot());
        await connection.HearAsync();
        await SayAsync(connection, Say.Accepted("m1"));
        await connection.CloseAsync(1001);

        var second = await Server.OpenAsync(Say.Connected(1, resumed: true));
        await SayAsync(second, Say.Queued(1, "m1"), Say.Finished(2));
        await asking;

        Assert.Null(await second.HearAsync());
    }

    [Fact]
    public async Task Ask_ResyncInTheAnswer_GivesTheStateInPlaceOfEvents()
    {
        var asking = AskAsync();
        var connection = await Server.OpenAsync(Say.Connected(), Say.Snapshot());
        await SayAsync(connection, Say.Accepted("m1"), Say.Queued(1, "m1"), Say.Delta(2, "One "));
        await SayAsync(
            connection,
            Say.Snapshot(9, "e2", Say.Message("m1", "running"), "resync", Open),
            Say.Delta(10, " three"),
            Say.Finished(11));

        var events = await asking;
        var resync = Assert.Single(events.OfType<SnapshotReceived>());
        Assert.Equal((ResyncReason.TooSlow, "One two"), (resync.Reason, resync.Snapshot.ActiveRun!.OpenSteps[0].Content));
        Assert.Equal(11, Assert.IsType<RunFinished>(events[^1]).Seq);
    }

    [Fact]
    public async Task Ask_ResyncThatHasTheEnd_Ends()
    {
        var answering = _home.Client.Session("s").GetAnswerAsync("hi", Options);
        var connection = await Server.OpenAsync(Say.Connected(), Say.Snapshot());
        await SayAsync(connection, Say.Accepted("m1"), Say.Queued(1, "m1"), Say.Delta(2, "One "));
        await SayAsync(connection, Say.Snapshot(9, "e2", Say.Message("m1", "completed", "One two"), "resync", ",\"reason\":\"epoch\""));

        var answer = await answering;
        Assert.Equal(("One two", RunStatus.Completed, "r1"), (answer.Text, answer.Status, answer.RunId));
    }

    [Fact]
    public async Task Ask_UnderAnIdThatWasAnsweredLongAgo_GivesThatAnswer()
    {
        var answering = _home.Client.Session("s").GetAnswerAsync("hi", Options);
        var connection = await Server.OpenAsync(Say.Connected(90), Say.Snapshot(90));
        await connection.HearAsync();
        await SayAsync(connection, Say.Accepted("m1", seq: 4, duplicate: true));
        var page = await Server.NextAsync();
        Assert.StartsWith("GET /api/sessions/s?limit=1&before=5 ", page.Request, StringComparison.Ordinal);
        await page.AnswerAsync(
            200,
            $$"""{"session_id":"s","epoch":"e1","last_seq":90,"messages":[{{Say.Message("m1", "completed", "old", 4)}}]}""");

        Assert.Equal("old", (await answering).Text);
    }

    [Fact]
    public async Task Ask_SessionErasedMeanwhile_SaysSo()
    {
        var asking = AskAsync();
        var connection = await Server.OpenAsync(Say.Connected(), Say.Snapshot());
        await SayAsync(connection, Say.Accepted("m1"), Say.Queued(1, "m1"), Say.Snapshot(0, "e2", "", "resync", ",\"reason\":\"epoch\""));
        await (await Server.NextAsync()).AnswerAsync(
            404, """{"type":"urn:agentstream:error:session_not_found","status":404,"detail":"There is no such session."}""");

        var exception = await Assert.ThrowsAsync<AgentStreamException>(() => asking);
        Assert.Equal("session_not_found", exception.Code);
    }

    [Fact]
    public async Task Ask_Refused_EndsWithTheServersWords()
    {
        var asking = AskAsync();
        var connection = await Server.OpenAsync(Say.Connected(), Say.Snapshot());
        await SayAsync(
            connection, """{"type":"error","data":{"code":"rate_limited","message":"Wait a little.","message_id":"m1","retry_after":7}}""");

        var exception = await Assert.ThrowsAsync<AgentStreamException>(() => asking);
        Assert.Equal(
            ("rate_limited", "Wait a little.", TimeSpan.FromSeconds(7)), (exception.Code, exception.Message, exception.RetryAfter));
    }

    [Fact]
    public async Task Ask_NotNow_IsSentAgainAfterAWhile()
    {
        var asking = AskAsync();
        var connection = await Server.OpenAsync(Say.Connected(), Say.Snapshot());
        await connection.HearAsync();
        await SayAsync(
            connection,
            """{"type":"error","data":{"code":"store_unavailable","message":"Later.","message_id":"m1"}}""",
            """{"type":"status","data":{"state":"degraded","message":"no store"}}""",
            """{"type":"status","data":{"state":"ok","message":"back"}}""");

        // Time is advanced until it comes; a ping may fall due on the way, since what was said takes real time to arrive.
        JsonElement again;
        do
        {
            again = (await _home.UntilAsync(connection.HearAsync(), TimeSpan.FromSeconds(2)))!.Value;
        }
        while (again.GetProperty("type").GetString() == "ping");

        Assert.Equal("chat", again.GetProperty("type").GetString());
        await SayAsync(connection, Say.Queued(1, "m1"), Say.Finished(2));
        Assert.Equal([true, false], (await asking).OfType<StatusChanged>().Select(status => status.IsDegraded));
    }

    [Fact]
    public async Task Ask_EventsThatNobodyKnows_DoNotDisturb()
    {
        var asking = AskAsync();
        var connection = await Server.OpenAsync(Say.Connected(), """{"type":"fanfare","data":{"a":[1,{}]}}""", Say.Snapshot());
        await SayAsync(
            connection,
            Say.Queued(1, "m1"),
            """{"data":{"x":{"y":1},"iteration":1,"delta":"a","step_type":"dream","step_id":"z"},"timestamp":1,"run_id":"r1","type":"step_delta","seq":2}""",
            Say.Entry(3, "confetti", """{"colour":"red"}"""),
            Say.Entry(4, "reasoning_step", """{"step_id":7}"""),
            Say.Entry(5, "run_finished", """{"status":"evaporated"}"""));

        var events = await asking;
        Assert.Equal(DeltaType.Unknown, Assert.Single(events.OfType<StepDelta>()).StepType);
        Assert.Equal(["confetti", "reasoning_step"], events.OfType<UnknownEvent>().Select(unknown => unknown.Type));
        Assert.Equal(RunStatus.Unknown, Assert.IsType<RunFinished>(events[^1]).Status);
    }

    [Fact]
    public async Task Ask_RunsOfOthersInTheSession_AreNotGiven()
    {
        var asking = AskAsync();
        var connection = await Server.OpenAsync(Say.Connected(), Say.Snapshot());
        await SayAsync(
            connection,
            """{"seq":1,"type":"run_finished","run_id":"r0","timestamp":1,"data":{"status":"failed"}}""",
            Say.Queued(2, "m1"),
            """{"seq":3,"type":"run_finished","run_id":"r0","timestamp":1,"data":{"status":"failed"}}""",
            Say.Finished(4));

        Assert.Equal([2, 4], (await asking).OfType<LogEvent>().Select(entry => entry.Seq));
    }

    private static string Text(IEnumerable<AgentEvent> events) => string.Concat(events.OfType<StepDelta>().Select(delta => delta.Delta));

    private static async Task SayAsync(FakeConnection connection, params string[] frames)
    {
        foreach (var frame in frames)
        {
            await connection.SayAsync(frame);
        }
    }

    private static Task LoseAsync(FakeConnection connection, int code)
    {
        if (code != 0)
        {
            return connection.CloseAsync(code);
        }

        // Not a reset: that would take back what was said and not read yet.
        connection.Leave();
        return Task.CompletedTask;
    }

    private Task<List<AgentEvent>> AskAsync() => _home.ReadAsync(_home.Client.Session("s").AskAsync("hi", Options));
}
