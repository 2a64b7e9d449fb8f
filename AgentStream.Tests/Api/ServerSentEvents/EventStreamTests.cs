using System.Net;
using AgentStream.Messaging.Protocol;
using AgentStream.Tests.Api.Support;

namespace AgentStream.Tests.Api.ServerSentEvents;

public sealed class EventStreamTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new();
    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.StartAsync(time: _time);

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Events_WithoutACursor_AreConnectedSnapshotAndWhatComes()
    {
        await using var stream = await EventStream.OpenAsync(_host, "/api/sessions/s1/events");
        Assert.Equal("text/event-stream", stream.Response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("no", stream.Response.Headers.GetValues("X-Accel-Buffering").Single());
        Assert.True(stream.Response.Headers.CacheControl!.NoCache);

        var connected = await stream.NextAsync("connected");
        Assert.Null(connected.Id);
        var snapshot = await stream.NextAsync("snapshot");
        Assert.Equal($"{snapshot.Frame.Data().Text("epoch")}:0", snapshot.Id);

        await _host.PostAsync("s1", "hello");
        var queued = await stream.NextAsync("run_queued");
        Assert.Equal($"{snapshot.Frame.Data().Text("epoch")}:1", queued.Id);
        Assert.Equal(1, queued.Frame.Number("seq"));
        Assert.Equal("hello", queued.Frame.Data().Text("message"));
    }

    [Fact]
    public async Task Events_WithLastEventId_GoOnBehindItWhateverTheAddressSays()
    {
        await _host.PostAsync("s1", "hello");
        var run = await _host.ClaimAsync();
        await run.CompleteAsync("hi");
        await using var first = await EventStream.OpenAsync(_host, "/api/sessions/s1/events?after=0");
        await first.NextAsync("connected");
        var all = await first.UntilAsync("run_finished");

        foreach (var (seen, rest) in all.Select((seen, index) => (seen, all.Skip(index + 1).ToList())).SkipLast(1))
        {
            await using var again = await EventStream.OpenAsync(_host, "/api/sessions/s1/events?after=0", seen.Id);
            Assert.True((await again.NextAsync("connected")).Frame.Data().GetProperty("resumed").GetBoolean());
            var events = await again.UntilAsync("run_finished");
            Assert.Equal(rest.Select(item => (item.Type, item.Id)), events.Select(item => (item.Type, item.Id)));
        }
    }

    [Fact]
    public async Task Events_WithTheIdOfAnotherLife_AreAResync()
    {
        await _host.PostAsync("s1", "hello");
        await using var stream = await EventStream.OpenAsync(_host, "/api/sessions/s1/events", "otherlife:1");
        await stream.NextAsync("connected");
        var resync = await stream.NextAsync("resync");
        Assert.Equal("epoch", resync.Frame.Data().Text("reason"));
        Assert.EndsWith(":1", resync.Id, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("e1:")]
    [InlineData(":1")]
    [InlineData("e1:-1")]
    public async Task Events_WithALastEventIdThatIsNone_AreRefused(string id)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/sessions/s1/events");
        request.Headers.TryAddWithoutValidation("Last-Event-ID", id);
        using var response = await _host.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        await Problems.AssertAsync(response, "invalid_cursor");
    }

    [Fact]
    public async Task Heartbeat_AfterItsInterval_HasNoIdAndMovesNobody()
    {
        await using var stream = await EventStream.OpenAsync(_host, "/api/sessions/s1/events");
        await stream.UntilAsync("snapshot");
        _time.Advance(TimeSpan.FromSeconds(30));
        var heartbeat = await stream.NextAsync("heartbeat");
        Assert.Null(heartbeat.Id);
        Assert.Equal(0, heartbeat.Frame.Data().Number("last_seq"));
    }

    [Fact]
    public async Task Events_ForABrowserWhileTheStoreIsAway_SayWhenToComeBackAndEnd()
    {
        _host.Store.Cut();
        _host.Http.DefaultRequestHeaders.Accept.ParseAdd("text/event-stream");
        await using (var stream = await EventStream.OpenAsync(_host, "/api/sessions/s1/events"))
        {
            Assert.Equal("text/event-stream", stream.Response.Content.Headers.ContentType?.MediaType);
            Assert.Equal("degraded", (await stream.NextAsync("status")).Frame.Data().Text("state"));
            Assert.InRange(stream.Retry!.Value, 2_000, 7_000);
            Assert.Null(await stream.NextAsync());
        }

        _host.Store.Mend();
        await using var again = await EventStream.OpenAsync(_host, "/api/sessions/s1/events");
        await again.NextAsync("connected");
    }

    [Fact]
    public async Task Events_ForAProgramWhileTheStoreIsAway_AreAProblem()
    {
        _host.Store.Cut();
        using var response = await _host.Http.GetAsync("/api/sessions/s1/events");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        await Problems.AssertAsync(response, "store_unavailable");
    }

    [Fact]
    public async Task Shutdown_SaysWhenToComeBackAndEndsTheStream()
    {
        await using var stream = await EventStream.OpenAsync(_host, "/api/sessions/s1/events");
        await stream.UntilAsync("snapshot");
        var stopping = _host.StopAsync();
        Assert.Null(await stream.NextAsync());
        Assert.InRange(stream.Retry!.Value, 2_000, 7_000);
        await stopping.WaitAsync(ApiHost.Patience);
    }

    [Fact]
    public async Task Events_OfARunWithReasoning_CarryTheStepsUnchanged()
    {
        await _host.PostAsync("s1", "hello");
        var run = await _host.ClaimAsync();
        await run.AppendAsync(ScriptedRun.Step(run.NewStep(), StepType.Thought, "line one\nline two"));
        await using var stream = await EventStream.OpenAsync(_host, "/api/sessions/s1/events?after=1");
        await stream.NextAsync("connected");
        Assert.Equal("line one\nline two", (await stream.NextAsync("reasoning_step")).Frame.Data().Text("content"));
    }
}
