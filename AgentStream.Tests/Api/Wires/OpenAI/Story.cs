using AgentStream.Api.Wires.Runs;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Tests.Api.Wires.OpenAI;

/// <summary>A run as its log tells it, put together by a test.</summary>
internal sealed class Story
{
    public static readonly Offset Queued = new(7);
    public static readonly DateTimeOffset Time = DateTimeOffset.UnixEpoch.AddSeconds(1_800_000_000);

    private readonly List<SessionEvent> _events = [];

    public static SessionId SessionId { get; } = SessionId.Parse("s1");

    public static RunId RunId { get; } = RunId.Parse("0197aa");

    /// <summary>The events, one entry each; where others write to the session too, there are gaps.</summary>
    public IReadOnlyList<RunEvent> Events
        => [.. _events.Select((one, index) => new RunEvent(new Cursor(Epoch.Parse("e"), new(Queued.Value + (index * 2))), Time, one))];

    /// <summary>Queued and started.</summary>
    public static Story Begin()
    {
        var story = new Story();
        return story
            .Say(new RunQueued { Message = "hi", MessageId = MessageId.Parse("m"), AgentName = "researcher" })
            .Say(new RunStarted { AgentName = "researcher", Model = "scripted" });
    }

    public static StepId Step(int number) => StepId.Create(RunId, 1, number);

    public Story Say(SessionEvent one)
    {
        _events.Add(one);
        return this;
    }

    public Story Delta(int step, DeltaType type, string delta, int? parent = null) => Say(new StepDelta
    {
        StepId = Step(step),
        StepType = type,
        Delta = delta,
        Iteration = 1,
        ParentStepId = parent is { } inside ? Step(inside) : null,
    });

    public Story Finished(int step, StepType type, string content, bool? cutOff = null, int? parent = null) => Say(new ReasoningStep
    {
        StepId = Step(step),
        StepType = type,
        Content = content,
        Iteration = 1,
        Timestamp = Time,
        CutOff = cutOff,
        ParentStepId = parent is { } inside ? Step(inside) : null,
    });

    /// <summary>A step that streamed in pieces.</summary>
    public Story Text(int step, StepType type, params string[] pieces)
    {
        foreach (var piece in pieces)
        {
            Delta(step, type == StepType.Thought ? DeltaType.Thought : DeltaType.Answer, piece);
        }

        return Finished(step, type, string.Concat(pieces));
    }

    public Story Superseded(params int[] steps)
        => Say(new StepSuperseded { StepIds = [.. steps.Select(Step)], Reason = SupersededReason.AttemptLost });

    public Story Usage() => Say(new UsageReported { Iteration = 1, TotalTokens = 3 });

    public Story End(RunStatus status = RunStatus.Completed) => Say(new RunFinished
    {
        Status = status,
        Error = status == RunStatus.Failed ? "There is no key: set one." : null,
        ErrorCode = status == RunStatus.Failed ? "model_auth" : null,
        Usage = new TokenUsage { InputTokens = 3, OutputTokens = 4, TotalTokens = 7, CachedTokens = 1, ReasoningTokens = 2 },
    });
}
