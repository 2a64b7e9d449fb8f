using AgentStream.Api.Wires.Runs;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Transcript;

namespace AgentStream.Tests.Api.Wires;

/// <summary>What a wire is told of a run comes to the same, whether entries tell it, or a snapshot in place of any of them.</summary>
public sealed class RunFoldTests
{
    private static readonly SessionId Session = SessionId.Parse("s1");

    [Theory]
    [MemberData(nameof(WireExpectation.Names), MemberType = typeof(WireExpectation))]
    [InlineData("client tools")]
    public async Task Snapshot_InPlaceOfAnyEntries_TellsWhatTheyWouldHaveLedTo(string name)
    {
        var log = await WireLog.PlayAsync(WireExpectation.Of(name));
        for (var known = 0; known < log.Entries.Count; known++)
        {
            for (var reached = known + 1; reached <= log.Entries.Count; reached++)
            {
                var fold = new RunFold(log.RunId);
                var told = fold.Take(log.Epoch, log.Entries.Take(known).ToList());
                told.AddRange(fold.Take(Snapshot(log, reached))!);
                told.AddRange(fold.Take(log.Epoch, log.Entries.Skip(reached).ToList()));

                AssertIs(log, told, $"{known} entries, then a snapshot of {reached}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(WireExpectation.Names), MemberType = typeof(WireExpectation))]
    public async Task Texts_WhateverTellsThem_HaveComeAsDeltasBeforeTheyAreFinished(string name)
    {
        var log = await WireLog.PlayAsync(WireExpectation.Of(name));
        for (var known = 0; known < log.Entries.Count; known++)
        {
            var fold = new RunFold(log.RunId);
            var told = fold.Take(log.Epoch, log.Entries.Take(known).ToList());
            told.AddRange(fold.Take(Snapshot(log, log.Entries.Count))!);
            var texts = new Dictionary<StepId, string>();
            foreach (var runEvent in told)
            {
                if (runEvent.Event is StepDelta delta)
                {
                    texts[delta.StepId] = texts.GetValueOrDefault(delta.StepId) + delta.Delta;
                }
                else if (runEvent.Event is ReasoningStep { StepType: StepType.Thought or StepType.FinalAnswer } step)
                {
                    Assert.Equal(step.Content, texts[step.StepId]);
                }
            }

            Assert.IsType<RunFinished>(told[^1].Event);
            Assert.Single(told, runEvent => runEvent.Event is RunFinished);
        }
    }

    [Fact]
    public async Task Snapshot_WithoutTheRun_TellsThatItIsGone()
    {
        var log = await WireLog.PlayAsync(WireExpectation.Of("text"));

        Assert.Null(new RunFold(RunId.New()).Take(Snapshot(log, log.Entries.Count)));
    }

    private static SnapshotData Snapshot(WireLog log, int entries)
        => Fold(log, log.Entries.Take(entries).Select(entry => (entry.Offset, entry.Timestamp, entry.Event)))
            .Snapshot(Session, log.Epoch, new Offset(entries), Offset.Start, 50);

    private static TranscriptFold Fold(WireLog log, IEnumerable<(Offset, DateTimeOffset, SessionEvent)> events)
    {
        var fold = new TranscriptFold();
        foreach (var (offset, timestamp, sessionEvent) in events)
        {
            fold.Apply(offset, log.RunId, timestamp, sessionEvent);
        }

        return fold;
    }

    private static void AssertIs(WireLog log, List<RunEvent> told, string how)
    {
        var expected = Of(Fold(log, log.Entries.Select(entry => (entry.Offset, entry.Timestamp, entry.Event))));
        var actual = Of(Fold(log, told.Select(one => (one.Position.After, one.Timestamp, one.Event))));
        Assert.True(expected == actual, $"{how}:\n{expected}\n{actual}");
        Assert.Equal(log.Entries[^1].Offset, told[^1].Position.After);
    }

    private static string Of(TranscriptFold fold)
    {
        var message = fold.Save().Messages.Single();
        var steps = message.Steps.Select(step => $"{step.StepId} {step.StepType} {step.ToolCallId} {step.Content}");
        var approvals = message.Approvals?.Select(approval => $"{approval.ToolCallId} {approval.Approved} {approval.By}") ?? [];
        return string.Join(
            '\n', [$"{message.Status} {message.Error} {message.CancelRequested} {message.Usage?.TotalTokens}", .. steps, .. approvals]);
    }
}
