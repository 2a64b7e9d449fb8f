using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;
using AgentStream.Worker.Running.Checkpoints;
using AgentStream.Worker.Running.Execution;
using AgentStream.Worker.Running.ReAct;

namespace AgentStream.Tests.Worker.Running.Execution;

public sealed class HiddenReasoningTests
{
    private static readonly StepId Text = StepId.Parse("text");
    private static readonly StepId Thought = StepId.Parse("thought");
    private readonly HiddenReasoning _hidden = new();

    [Fact]
    public void Filter_ThoughtsToolsAndUsage_AreNotShownButKept()
    {
        var record = new CallsIntended([]);

        Assert.Null(_hidden.Filter(Delta(Thought, DeltaType.Thought)));
        Assert.Null(_hidden.Filter(new LoopCommit([Step(Thought, StepType.Thought)])));
        var commit = Assert.IsType<LoopCommit>(_hidden.Filter(
            new LoopCommit([Step(Thought, StepType.ToolUse), Step(Thought, StepType.ToolResult), new UsageReported()], record)));

        Assert.Empty(commit.Events);
        Assert.Same(record, commit.Record);
    }

    [Fact]
    public void Filter_AnswerThatTurnsOutToBeAThought_IsTakenBack()
    {
        Assert.NotNull(_hidden.Filter(Delta(Text, DeltaType.Answer)));
        var commit = Assert.IsType<LoopCommit>(_hidden.Filter(new LoopCommit([Step(Text, StepType.Thought)])));

        var superseded = Assert.IsType<StepSuperseded>(Assert.Single(commit.Events));
        Assert.Equal([Text], superseded.StepIds);
        Assert.Equal(SupersededReason.Hidden, superseded.Reason);
    }

    [Fact]
    public void Filter_RetriedReply_TakesBackOnlyWhatWasShown()
    {
        _hidden.Filter(Delta(Thought, DeltaType.Thought));
        _hidden.Filter(Delta(Text, DeltaType.Answer));

        var commit = Assert.IsType<LoopCommit>(_hidden.Filter(
            new LoopCommit([new StepSuperseded { StepIds = [Thought, Text], Reason = SupersededReason.Retried }])));

        Assert.Equal([Text], Assert.IsType<StepSuperseded>(Assert.Single(commit.Events)).StepIds);
    }

    [Fact]
    public void Filter_AnswerErrorAndLifeOfTheRun_AreShown()
    {
        SessionEvent[] events =
        [
            new RunStarted { AgentName = "a", Model = "m" }, Step(Text, StepType.FinalAnswer), Step(Text, StepType.Error),
        ];

        var end = Assert.IsType<LoopEnd>(_hidden.Filter(new LoopEnd(events, null, new RunFinished { Status = RunStatus.Completed })));

        Assert.Equal(events, end.Events);
    }

    private static LoopDelta Delta(StepId id, DeltaType type) => new(new StepDelta { StepId = id, StepType = type, Delta = "x" });

    private static ReasoningStep Step(StepId id, StepType type)
        => new() { StepId = id, StepType = type, Content = "x", Iteration = 1, Timestamp = DateTimeOffset.UnixEpoch };
}
