using System.Text.Json;
using AgentStream.Messaging;
using AgentStream.Messaging.Json;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Transcript;
using AgentStream.Tests.Messaging.Contract;

namespace AgentStream.Tests.Messaging.Transcript;

public sealed class TranscriptFoldTests
{
    private static readonly RunId First = RunId.Parse("r1");
    private static readonly RunId Second = RunId.Parse("r2");
    private static readonly RunId Third = RunId.Parse("r3");

    private readonly TranscriptFold _transcript = new();
    private long _seq;

    [Fact]
    public void Deltas_OfOneStep_GrowItsTextUntilTheStepIsFinished()
    {
        Say(First, Queued("m1"));
        Say(First, Make.Started());
        Say(First, Delta("s1", "Hel"));
        Say(First, Delta("s1", "lo"));
        Assert.Equal("Hello", Assert.Single(Snapshot().ActiveRun!.OpenSteps).Content);

        Say(First, Step("s1", "Hello!"));

        var snapshot = Snapshot();
        Assert.Empty(snapshot.ActiveRun!.OpenSteps);
        Assert.Equal(["Hello!"], Assert.Single(snapshot.Messages).Steps.Select(step => step.Content));
    }

    [Fact]
    public void OpenSteps_OfARunThatNeverSaidThatItStarted_AreNotTheNextRuns()
    {
        Say(First, Queued("m1"));
        Say(First, Delta("s1", "left open"));
        Say(First, Make.Finished());

        Say(Second, Queued("m2"));
        Say(Second, Make.Started());

        Assert.Empty(Snapshot().ActiveRun!.OpenSteps);
    }

    [Theory]
    [InlineData(0, false, "m19,m20")]
    [InlineData(1, false, "m19,m20")]
    [InlineData(3, false, "m18,m19,m20")]
    [InlineData(3, true, "m18,m19,m20")]
    [InlineData(8, true, "m13,m14,m15,m16,m17,m18,m19,m20")]
    public void Snapshot_WithAPageOfTwo_HasTheMessagesOfAllRunsThatAreNotOver(int unfinished, bool isOneUnderWay, string expected)
    {
        var over = 20 - unfinished;
        for (var number = 1; number <= 20; number++)
        {
            var run = RunId.Parse($"run{number}");
            Say(run, Queued($"m{number}", Math.Max(0, number - over - 1)));
            if (number <= over)
            {
                Say(run, Make.Started());
                Say(run, Make.Finished());
            }
        }

        if (isOneUnderWay)
        {
            Say(RunId.Parse($"run{over + 1}"), Make.Started());
        }

        var snapshot = _transcript.Snapshot(Make.Session, Epoch.Parse("e"), new Offset(_seq), Offset.Start, 2);

        Assert.Equal(expected, string.Join(',', snapshot.Messages.Select(message => message.MessageId)));
        Assert.True(snapshot.HasMore);
        Assert.Equal(isOneUnderWay ? snapshot.Messages[0].RunId : (RunId?)null, snapshot.ActiveRun?.RunId);
    }

    [Fact]
    public void Snapshot_Taken_NeverChangesLater()
    {
        Say(First, Queued("m1"));
        Say(First, Make.Started());
        Say(First, Delta("s1", "a"));
        var snapshot = Snapshot();
        var before = LogJson.Of(snapshot);

        Say(First, Delta("s1", "b"));
        Say(First, Step("s1", "ab"));
        Say(First, Make.Finished());

        Assert.Equal(before, LogJson.Of(snapshot));
    }

    [Fact]
    public void Superseded_Steps_AreGoneOpenOrFinished()
    {
        Say(First, Queued("m1"));
        Say(First, Make.Started());
        Say(First, Step("s1", "kept"));
        Say(First, Step("s2", "lost"));
        Say(First, Delta("s3", "lost"));

        Say(First, new StepSuperseded { StepIds = [Id("s2"), Id("s3")], Reason = SupersededReason.AttemptLost });

        Assert.Equal(["kept"], Assert.Single(Snapshot().Messages).Steps.Select(step => step.Content));
        Assert.Empty(Snapshot().ActiveRun!.OpenSteps);
    }

    [Fact]
    public void Approval_WhileItIsPending_HasTheRunWait()
    {
        var call = ToolCallId.Parse("c1");
        Say(First, Queued("m1"));
        Say(First, Make.Started());
        Say(First, new ToolApprovalRequired { ToolCallId = call, ToolName = "t", ExpiresAt = DateTimeOffset.UnixEpoch });
        Assert.Equal(
            (MessageStatus.Waiting, MessageStatus.Waiting, call),
            (Snapshot().ActiveRun!.Status, Snapshot().Messages[0].Status, Snapshot().ActiveRun!.PendingApprovals[0].ToolCallId));

        Say(First, new ToolApprovalResolved { ToolCallId = call, Approved = true, By = "client" });

        Assert.Equal(MessageStatus.Running, Snapshot().ActiveRun!.Status);
        Assert.Empty(Snapshot().ActiveRun!.PendingApprovals);
    }

    [Fact]
    public void Approval_OnceAnswered_StaysWithItsMessage()
    {
        Say(First, Queued("m1"));
        Say(First, Make.Started());
        Say(First, new ToolApprovalRequired
        {
            ToolCallId = ToolCallId.Parse("c1"),
            ToolName = "send",
            ExpiresAt = DateTimeOffset.UnixEpoch,
        });
        Say(First, new ToolApprovalRequired
        {
            ToolCallId = ToolCallId.Parse("c2"),
            ToolName = "pay",
            ExpiresAt = DateTimeOffset.UnixEpoch,
        });
        Assert.DoesNotContain(
            "approvals", JsonSerializer.Serialize(Snapshot().Messages[0], MessagingJson.Wire.TranscriptMessage), StringComparison.Ordinal);

        Say(First, new ToolApprovalResolved { ToolCallId = ToolCallId.Parse("c2"), Approved = false, By = "ada", Reason = "Too dear." });
        Say(First, new ToolApprovalResolved { ToolCallId = ToolCallId.Parse("c1"), Approved = true, By = "client", Edited = true });
        Say(First, Make.Finished());

        var message = JsonSerializer.SerializeToElement(Snapshot().Messages[0], MessagingJson.Wire.TranscriptMessage);
        Assert.Equal(
            """[{"tool_call_id":"c2","tool_name":"pay","approved":false,"by":"ada","reason":"Too dear."},{"tool_call_id":"c1","tool_name":"send","approved":true,"by":"client","edited":true}]""",
            message.GetProperty("approvals").GetRawText());
    }

    [Fact]
    public void Replacing_ARun_MarksItAndAllQueuedBehindItUpToTheNewOne()
    {
        Say(First, Queued("m1"));
        Say(Second, Queued("m2", position: 1));
        Say(Third, Queued("m3", position: 2, replaces: Second));

        Assert.Equal([null, Third, null], Snapshot().Messages.Select(message => message.ReplacedBy));
    }

    [Fact]
    public void Queue_WithAnInterruption_StandsInTheOrderOfThePositions()
    {
        Say(First, Queued("m1"));
        Say(First, Make.Started());
        Say(Second, Queued("m2", position: 1));
        Say(First, new CancelRequested());
        Say(Third, Queued("m3", position: 1));

        var snapshot = Snapshot();
        Assert.Equal([Third, Second], snapshot.QueuedRuns);
        Assert.Equal((First, true), (snapshot.ActiveRun!.RunId, snapshot.Messages[0].CancelRequested));
    }

    [Fact]
    public void Waits_ForApproval_LastFromTheFirstQuestionToTheLastAnswerOrTheEnd()
    {
        var (one, two) = (ToolCallId.Parse("c1"), ToolCallId.Parse("c2"));
        Say(First, Queued("m1"));
        Say(First, Make.Started());
        Assert.Null(Assert.Single(Snapshot().Messages).Waits);

        Say(First, Asked(one));
        Say(First, Asked(two));
        Assert.Equal([new ApprovalWait { From = At(3) }], Assert.Single(Snapshot().Messages).Waits);
        Say(First, new ToolApprovalResolved { ToolCallId = two, Approved = true, By = "client" });
        Say(First, new ToolApprovalResolved { ToolCallId = one, Approved = true, By = "client" });
        Say(First, Asked(one));
        Say(First, Make.Finished(RunStatus.Cancelled));

        Assert.Equal(
            [new ApprovalWait { From = At(3), To = At(6) }, new ApprovalWait { From = At(7), To = At(8) }],
            Assert.Single(Snapshot().Messages).Waits);
    }

    [Fact]
    public void SecondAttempt_OfARun_KeepsWhenItFirstStarted()
    {
        Say(First, Queued("m1"));
        Say(First, Make.Started());
        Say(First, Make.Started(attempt: 2));
        Say(First, new RunFinished { Status = RunStatus.Failed, Error = "e", ErrorCode = "c", DurationMs = 5, Iterations = 2 });

        var message = Assert.Single(Snapshot().Messages);
        Assert.Equal(
            (MessageStatus.Failed, "e", "c", 2, 2),
            (message.Status, message.Error, message.ErrorCode, message.Attempt, message.Iterations));
        Assert.Equal((At(2), At(4)), (message.StartedAt, message.FinishedAt));
        Assert.Null(Snapshot().ActiveRun);
    }

    [Fact]
    public void SecondAttempt_OfARun_SaysSinceWhenNobodyWorkedAndWhatTheLostOneLeft()
    {
        Say(First, Queued("m1"));
        Say(First, Make.Started());
        Say(First, Call("s1", "c1"));
        Say(First, Call("s2", "c2"));
        Say(First, Call("s3", "c3"));
        Say(First, Call("s4", "c1") with { StepType = StepType.ToolResult });
        Say(First, Step("s5", "of another agent") with { ParentStepId = Id("s3") });
        Say(First, Delta("s6", "lost"));
        Assert.Equal(At(8), Snapshot().ActiveRun!.HeardAt);
        Assert.Null(Assert.Single(Snapshot().Messages).Takeovers);
        _seq += 9;

        Say(First, Make.Started(attempt: 2));
        Say(First, Make.Started(attempt: 2));

        var takeover = Assert.Single(Assert.Single(Snapshot().Messages).Takeovers!);
        Assert.Equal((At(8), At(18), 1), (takeover.From, takeover.To, takeover.Reused));
        Assert.Equal(["c2"], takeover.OpenCalls!.Select(call => call.Value));

        Say(First, Make.Finished());
        Say(Second, Queued("m2"));
        Say(Second, Make.Started(attempt: 2));
        var never = Assert.Single(Snapshot().Messages[1].Takeovers!);
        Assert.Equal((At(21), At(22), 0, null), (never.From, never.To, never.Reused, never.OpenCalls));
    }

    [Fact]
    public void SavedAndLoaded_AtAnyPoint_GoesOnAsIfNothingHadBeen()
    {
        (RunId Run, SessionEvent Event)[] history =
        [
            (First, Queued("m1")), (First, Make.Started()), (First, Delta("s1", "a")), (First, Step("s1", "ab")),
            (Second, Queued("m2", position: 1)),
            (First, Delta("s2", "c")),
            (First, new ToolApprovalRequired { ToolCallId = ToolCallId.Parse("c1"), ToolName = "t", ExpiresAt = DateTimeOffset.UnixEpoch }),
            (First, new ToolApprovalResolved { ToolCallId = ToolCallId.Parse("c1"), Approved = true, By = "client" }),
            (First, Delta("s2", "d")), (First, Make.Started(attempt: 2)),
            (First, Make.Finished()), (Third, Queued("m3", position: 1, replaces: First)),
            (Second, Make.Finished(RunStatus.Cancelled)),
        ];

        for (var cut = 0; cut <= history.Length; cut++)
        {
            var before = new TranscriptFold();
            Apply(before, history, 0, cut);
            var after = TranscriptFold.Load(before.Save());
            Apply(before, history, cut, history.Length);
            Apply(after, history, cut, history.Length);
            Assert.Equal(LogJson.Of(Snapshot(before)), LogJson.Of(Snapshot(after)));
        }
    }

    [Fact]
    public void SnapshotJson_OfARunUnderWay_HasTheNamesOfTheProtocol()
    {
        Say(First, Queued("m1"));
        Say(First, Make.Started());
        Say(First, Delta("s1", "a"));

        var json = JsonDocument.Parse(LogJson.Of(Snapshot())).RootElement;

        Assert.Equal(
            ["session_id", "epoch", "last_seq", "trimmed_through", "title", "messages", "has_more", "active_run", "queued_runs"],
            Names(json));
        Assert.Equal(
            ["run_id", "status", "attempt", "started_at", "heard_at", "open_steps", "pending_approvals"],
            Names(json.GetProperty("active_run")));
        Assert.Equal(["step_id", "step_type", "content", "iteration"], Names(json.GetProperty("active_run").GetProperty("open_steps")[0]));
        Assert.Subset(
            new HashSet<string>(
                [
                    "seq", "run_id", "message_id", "message", "agent_name", "status", "enable_reasoning", "queued_at", "started_at",
                    "model", "attempt", "steps",
                ]),
            new HashSet<string>(Names(json.GetProperty("messages")[0])));
    }

    [Fact]
    public void Usage_OfARunUnderWay_CountsLiveAndIsSettledByItsEnd()
    {
        Say(First, Queued("m1"));
        Say(First, Make.Started());
        Assert.Null(Snapshot().Usage);

        Say(First, new UsageReported
        {
            Iteration = 1,
            InputTokens = 5,
            OutputTokens = 2,
            TotalTokens = 7,
            Estimated = true,
            TimeToFirstTokenMs = 10,
            Model = "first",
        });
        Say(First, new UsageReported
        {
            Iteration = 2,
            InputTokens = 8,
            OutputTokens = 4,
            TotalTokens = 12,
            ReasoningTokens = 3,
            TimeToFirstTokenMs = 99,
            Model = "second",
        });

        var message = Assert.Single(Snapshot().Messages);
        Assert.Equal((
            19, 3, true, 10, "second"), (
                message.Usage!.TotalTokens, message.Usage.ReasoningTokens, message.Usage.Estimated, message.Usage.TimeToFirstTokenMs,
                message.Model));
        Assert.Equal(19, Snapshot().Usage!.TotalTokens);

        Say(First, Make.Finished() with { Usage = new TokenUsage { TotalTokens = 20, Model = "second" } });

        Assert.Equal((20, 20), (Assert.Single(Snapshot().Messages).Usage!.TotalTokens, Snapshot().Usage!.TotalTokens));
    }

    [Theory]
    [InlineData("short", "short")]
    [InlineData("  two\r\n\tlines ", "two lines")]
    public void Title_OfAShortMessage_IsItInOneLine(string message, string title) => Assert.Equal(title, TitleOfMessage.From(message));

    [Fact]
    public void Title_OfALongMessage_HasAtMost80CharactersAndNoHalfOnes()
    {
        var title = TitleOfMessage.From(new string('x', 78) + "😀😀😀" + new string('y', 100_000));

        Assert.Equal(new string('x', 78) + "…", title);
    }

    private static ToolApprovalRequired Asked(ToolCallId call)
        => new() { ToolCallId = call, ToolName = "t", ExpiresAt = DateTimeOffset.UnixEpoch };

    private static string[] Names(JsonElement element) => [.. element.EnumerateObject().Select(property => property.Name)];

    private static StepId Id(string id) => StepId.Parse(id);

    private static DateTimeOffset At(long seq) => DateTimeOffset.UnixEpoch.AddSeconds(seq);

    private static RunQueued Queued(string messageId, int position = 0, RunId? replaces = null)
        => new()
        {
            Message = "text",
            MessageId = MessageId.Parse(messageId),
            AgentName = "assistant",
            Position = position,
            ReplacesRunId = replaces,
        };

    private static StepDelta Delta(string step, string text)
        => new() { StepId = Id(step), StepType = DeltaType.Answer, Delta = text, Iteration = 1 };

    private static ReasoningStep Step(string step, string text)
        => new()
        {
            StepId = Id(step),
            StepType = StepType.FinalAnswer,
            Content = text,
            Iteration = 1,
            Timestamp = DateTimeOffset.UnixEpoch,
        };

    private static ReasoningStep Call(string step, string call)
        => Step(step, "") with { StepType = StepType.ToolUse, ToolCallId = ToolCallId.Parse(call) };

    private static void Apply(TranscriptFold transcript, (RunId Run, SessionEvent Event)[] history, int from, int until)
    {
        for (var i = from; i < until; i++)
        {
            transcript.Apply(new Offset(i + 1), history[i].Run, At(i + 1), history[i].Event);
        }
    }

    private static SnapshotData Snapshot(TranscriptFold transcript)
        => transcript.Snapshot(Make.Session, Epoch.Parse("e"), Offset.Start, Offset.Start, 50);

    private SnapshotData Snapshot() => Snapshot(_transcript);

    private void Say(RunId run, SessionEvent sessionEvent)
    {
        _seq++;
        _transcript.Apply(new Offset(_seq), run, At(_seq), sessionEvent);
    }
}
