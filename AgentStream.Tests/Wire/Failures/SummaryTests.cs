using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;
using AgentStream.Tests.Wire.Fake;
using AgentStream.Tests.Worker.Running;
using AgentStream.Tests.Worker.Running.Context;
using AgentStream.Worker.Agents;
using AgentStream.Worker.Running.Checkpoints;

namespace AgentStream.Tests.Wire.Failures;

/// <summary>Summaries by models that think, and by those that make none.</summary>
public sealed class SummaryTests : IAsyncLifetime, IDisposable
{
    private FakeOpenAIServer _server = null!;
    private WireModel _model = null!;
    private Func<FakeRequest, FakeReply> _summary = _ => FakeReply.Text("They talked.");

    public static TheoryData<string, string> Failures => new()
    {
        { """{"error":{"message":"The kettle is cold.","type":"invalid_request_error"}}""", "The kettle is cold." },
        { """{"error":{"message":"Content Exists Risk","type":"invalid_request_error"}}""", "content filter" },
        { """{"error":{"code":"1113","message":"余额不足"}}""", "used up" },
        { """{"error":{"message":"Invalid max_tokens value","type":"invalid_request_error"}}""", "max_tokens" },
    };

    public async Task InitializeAsync()
    {
        _server = await FakeOpenAIServer.StartAsync();
        _server.Otherwise = request => IsForSummary(request) ? _summary(request) : FakeReply.Text("fine");
        _model = new WireModel(_server);
    }

    [Fact]
    public async Task Summary_ByAModelThatThinksTooLong_IsAskedForAgainWithRoomForThoughts()
    {
        _summary = request => LimitOf(request) <= 1_500
            ? FakeReply.Stream()
                .Delta("""{"reasoning_content":"What did they talk about? Let me see, there was"}""")
                .Finish("length")
                .Usage(100, 1_500)
                .Done()
            : FakeReply.Stream().Delta("""{"reasoning_content":"They talked."}""").Deltas("They talked.").Finish().Usage(100, 2_000).Done();

        var run = await RunAsync();

        Assert.Contains("They talked.", run.Steps.First().Content, StringComparison.Ordinal);
        Assert.Contains("They talked.", _server.Requests[^1].Body.GetRawText(), StringComparison.Ordinal);
        Assert.Equal(2, _server.Requests.Count(IsForSummary));
        // Both are paid for.
        Assert.Equal(3_500, run.Log.OfType<UsageReported>().First().OutputTokens);
    }

    [Theory]
    [InlineData("""{"reasoning_content":"They talked."}""")]
    [InlineData("""{"reasoning":"They talked."}""")]
    [InlineData("""{"thinking":"They talked."}""")]
    public async Task Summary_ThatIsAllThoughts_IsTheSummary(string delta)
    {
        _summary = _ => FakeReply.Stream().Delta(delta).Finish().Usage().Done();

        Assert.Contains("They talked.", (await RunAsync()).Steps.First().Content, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Summary_ByAModelThatOnlyThinks_IsSaidToHaveFailed()
    {
        _summary = _ => FakeReply.Stream().Delta("""{"reasoning_content":"Let me see"}""").Finish("length").Usage().Done();

        var run = await RunAsync();

        Assert.Contains("could not be made. The model thought about it", run.Steps.First().Content, StringComparison.Ordinal);
        Assert.Equal(2, _server.Requests.Count(IsForSummary));
    }

    [Fact]
    public async Task Summary_ThatIsEmpty_IsSaidToHaveFailed()
    {
        _summary = _ => FakeReply.Stream().Finish().Usage().Done();

        Assert.Contains("could not be made. The model wrote nothing.", (await RunAsync()).Steps.First().Content, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Summary_ThatIsRefused_IsSaidToHaveFailed(string body, string reason)
    {
        _summary = _ => FakeReply.Json(body, body.Contains("1113", StringComparison.Ordinal) ? 429 : 400);

        var run = await RunAsync();

        Assert.Contains("left out", run.Steps.First().Content, StringComparison.Ordinal);
        Assert.Contains("could not be made.", run.Steps.First().Content, StringComparison.Ordinal);
        Assert.Contains(reason, run.Steps.First().Content, StringComparison.Ordinal);
    }

    /// <summary>Half of it would be far too much, and again half of that.</summary>
    [Theory]
    [InlineData(
        """{"object":"error","message":"The input (TOKENS tokens) is longer than the model's context length (2000 tokens).","code":400}""")]
    [InlineData(
        """{"object":"error","message":"The decoder prompt (length TOKENS) is longer than the maximum model length of 2000.","code":400}""")]
    [InlineData("""{"code":"InvalidParameter","message":"Range of input length should be [1, 2000]"}""")]
    [InlineData(
        """{"error":{"message":"This model's maximum context length is 2000 tokens. However, your messages resulted in TOKENS tokens."}}""")]
    public async Task Prompt_RefusedWithItsLimit_IsCondensedToItAtOnce(string body)
    {
        _server.Otherwise = request => IsForSummary(request) ? FakeReply.Text("They talked.")
            : TokensOf(request) > 2_000 ? FakeReply.Json(body.Replace("TOKENS", $"{TokensOf(request)}", StringComparison.Ordinal), 400)
            : FakeReply.Text("fine");
        var run = new LoopHarness(_model.Client)
        {
            Conversation = [.. "abcdefghijklmnopqrstuvwxyz".Select(Turn)],
            Limits = new AgentLimits { HistoryTokens = 100_000 },
        };

        await run.RunAsync();

        Assert.Equal((RunStatus.Completed, "Thought FinalAnswer"), (run.Finished!.Status, run.Shape));
        Assert.Single(_server.Requests, request => !IsForSummary(request) && TokensOf(request) > 2_000);
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    public void Dispose() => _model.Dispose();

    /// <summary>A run that has to leave out its oldest turns, and the next message of its session, which always works.</summary>
    private async Task<LoopHarness> RunAsync()
    {
        ConversationTurn[] turns = [.. "abc".Select(Turn)];
        var run = new LoopHarness(_model.Client) { Conversation = turns, Limits = new AgentLimits { HistoryTokens = 5_000 } };
        await run.RunAsync();
        Assert.Equal((RunStatus.Completed, "Thought FinalAnswer"), (run.Finished!.Status, run.Shape));

        var next = new LoopHarness(_model.Client)
        {
            Conversation = [.. turns, run.AsTurn()],
            Limits = new AgentLimits { HistoryTokens = 5_000 },
        };
        await next.RunAsync();
        Assert.Equal((RunStatus.Completed, "FinalAnswer"), (next.Finished!.Status, next.Shape));
        return run;
    }

    private static bool IsForSummary(FakeRequest request)
        => request.Body.GetProperty("messages").GetRawText().Contains("Summarise this conversation", StringComparison.Ordinal);

    private static int LimitOf(FakeRequest request) => request.Body.GetProperty("max_tokens").GetInt32();

    private static int TokensOf(FakeRequest request) => request.Body.GetProperty("messages").GetRawText().Length / 4;

    private static ConversationTurn Turn(char letter) => new(
        RunId.New(), $"question {letter}", [new ReplyRecorded { Iteration = 1, Text = new string(letter, 8_000), Calls = [] }.ToBytes()])
    {
        Seq = EarlierTurns.NextPlace(),
    };
}
