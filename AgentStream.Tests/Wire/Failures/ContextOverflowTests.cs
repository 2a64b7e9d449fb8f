using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;
using AgentStream.Tests.Wire.Fake;
using AgentStream.Tests.Worker.Running;
using AgentStream.Tests.Worker.Running.Context;
using AgentStream.Worker.Running.Checkpoints;
using AgentStream.Worker.Tools;
using Microsoft.Extensions.AI;

namespace AgentStream.Tests.Wire.Failures;

/// <summary>A server whose model takes in less than it is taken to: a session goes on all the same.</summary>
public sealed class ContextOverflowTests : IAsyncLifetime, IDisposable
{
    private const int Limit = 12_000;

    private FakeOpenAIServer _server = null!;
    private WireModel _model = null!;
    private int _refusals;

    public async Task InitializeAsync()
    {
        _server = await FakeOpenAIServer.StartAsync();
        _server.Otherwise = Answer;
        _model = new WireModel(_server);
    }

    [Theory]
    [InlineData("abcdefgh", 1, "Thought FinalAnswer")]
    [InlineData("abcdefghijklmnop", 3, "Thought Thought FinalAnswer")]
    public async Task Run_RefusedAsTooLong_GoesOnWithLessAndRemembersIt(string letters, int refusals, string shape)
    {
        ConversationTurn[] turns = [.. letters.Select(Turn)];
        var first = new LoopHarness(_model.Client) { Conversation = turns };
        await first.RunAsync();

        Assert.Equal((RunStatus.Completed, shape), (first.Finished!.Status, first.Shape));
        Assert.All(first.Steps.SkipLast(1), step => Assert.StartsWith("The model refused this", step.Content, StringComparison.Ordinal));
        Assert.Contains("They talked.", first.Steps.First().Content, StringComparison.Ordinal);
        Assert.Equal(refusals, _refusals);

        // What comes then is condensed before it is refused.
        var next = new LoopHarness(_model.Client) { Conversation = [.. turns, first.AsTurn(), .. "xyz".Select(Turn)] };
        await next.RunAsync();

        Assert.Equal((RunStatus.Completed, "Thought FinalAnswer"), (next.Finished!.Status, next.Shape));
        Assert.Equal(refusals, _refusals);
    }

    [Fact]
    public async Task Run_WithAMessageThatNeverFits_FailsAndForgetsNothing()
    {
        var earlier = Turn('a');
        var first = new LoopHarness(_model.Client) { Conversation = [earlier], Message = new string('x', Limit) };
        await first.RunAsync();

        Assert.Equal("model_context_overflow", first.Finished!.ErrorCode);

        var next = new LoopHarness(_model.Client) { Conversation = [earlier, first.AsTurn()] };
        await next.RunAsync();

        Assert.Equal(RunStatus.Completed, next.Finished!.Status);
        Assert.Contains("aaaa", _server.Requests[^1].Body.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_WhoseToolResultsAreRefused_GoesOnWithThemShortened()
    {
        var look = new AgentTool(AIFunctionFactory.Create(() => new string('x', 20_000), "look", "Looks.")) { IsIdempotent = true };
        var harness = new LoopHarness(_model.Client, look);
        _server.Reply(FakeReply.Stream().ToolCall(0, "c1", "look", "{}").Finish("tool_calls").Done());

        await harness.RunAsync();

        Assert.Equal((RunStatus.Completed, "ToolUse ToolResult Thought FinalAnswer"), (harness.Finished!.Status, harness.Shape));
        Assert.Contains("shortened", harness.Steps.Single(step => step.StepType == StepType.Thought).Content, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_WhoseSuppliedHistoryIsRefused_GoesOnWithTheNewestOfIt()
    {
        var harness = new LoopHarness(_model.Client)
        {
            History = [.. "abc".Select(letter => new HistoryMessage { Role = "user", Content = new string(letter, 6_000) })],
        };

        await harness.RunAsync();

        Assert.Equal((RunStatus.Completed, "Thought FinalAnswer"), (harness.Finished!.Status, harness.Shape));
        var last = _server.Requests[^1].Body.GetRawText();
        Assert.Contains("cccc", last, StringComparison.Ordinal);
        Assert.DoesNotContain("aaaa", last, StringComparison.Ordinal);
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    public void Dispose() => _model.Dispose();

    private FakeReply Answer(FakeRequest request)
    {
        var body = request.Body.GetProperty("messages").GetRawText();
        if (body.Length > Limit)
        {
            Interlocked.Increment(ref _refusals);
            return FakeReply.Error(400, "Prompt exceeds max length", "1261");
        }

        return FakeReply.Text(body.Contains("Summarise this conversation", StringComparison.Ordinal) ? "They talked." : "fine");
    }

    private static ConversationTurn Turn(char letter) => new(
        RunId.New(), $"question {letter}", [new ReplyRecorded { Iteration = 1, Text = new string(letter, 4_000), Calls = [] }.ToBytes()])
    {
        Seq = EarlierTurns.NextPlace(),
    };
}
