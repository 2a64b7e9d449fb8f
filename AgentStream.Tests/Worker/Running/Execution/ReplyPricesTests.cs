using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;
using AgentStream.Worker.Running.Execution;
using AgentStream.Worker.Running.ReAct;

namespace AgentStream.Tests.Worker.Running.Execution;

public sealed class ReplyPricesTests
{
    private static readonly UsageReported Usage = UsageReported.Of(new() { OutputTokens = 3, Model = "m" }, iteration: 1);
    private static readonly StepSuperseded Other = new() { StepIds = [StepId.Parse("s")], Reason = SupersededReason.Retried };

    public static TheoryData<string> Outputs => ["commit", "end"];

    [Theory]
    [MemberData(nameof(Outputs))]
    public void Put_EachCount_HasItsPrice_AndNothingElseChanges(string kind)
    {
        var output = Of(kind, [Other, Usage]);

        var events = EventsOf(ReplyPrices.Put(output, usage => usage.OutputTokens * 2m));

        Assert.Equal([Other, Usage with { Cost = 6m }], events);
    }

    [Fact]
    public void Put_TheLastStepOfAReply_HasItsPriceToo()
    {
        var (step, other) = (Step("s1"), Step("s2"));

        var events = EventsOf(ReplyPrices.Put(Of("end", [other, step, Usage with { StepId = step.StepId }]), _ => 6m));

        Assert.Equal([other, step with { Cost = 6m }], events.Take(2));
    }

    [Fact]
    public void Put_OfAModelWithoutAPrice_SaysNothing()
        => Assert.Null(((UsageReported)EventsOf(ReplyPrices.Put(Of("commit", [Usage]), _ => null))[0]).Cost);

    private static ReasoningStep Step(string id) => new()
    {
        StepId = StepId.Parse(id),
        StepType = StepType.Thought,
        Content = "hm",
        Iteration = 1,
        Timestamp = DateTimeOffset.UnixEpoch,
    };

    private static LoopOutput Of(string kind, IReadOnlyList<SessionEvent> events) => kind == "commit"
        ? new LoopCommit(events)
        : new LoopEnd(events, null, new RunFinished { Status = RunStatus.Completed });

    private static IReadOnlyList<SessionEvent> EventsOf(LoopOutput output) => output switch
    {
        LoopCommit commit => commit.Events,
        LoopEnd end => end.Events,
        _ => throw new InvalidOperationException($"{output.GetType().Name} has no events here."),
    };
}
