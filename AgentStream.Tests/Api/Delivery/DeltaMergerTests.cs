using System.Text.Json;
using AgentStream.Api.Delivery;
using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Tests.Api.Support;
using FsCheck;
using FsCheck.Fluent;

namespace AgentStream.Tests.Api.Delivery;

public sealed class DeltaMergerTests
{
    private static readonly RunId Run = RunId.Parse("r1");
    private static readonly Epoch Life = Epoch.Parse("e1");

    [Fact]
    public void Frames_OfAdjacentDeltasOfOneStep_AreOneFrameWithFirstSeq()
    {
        var frames = Merge(Delta(1, "a"), Delta(1, "b"), Delta(2, "c"), Step(2), Delta(1, "d"));

        Assert.Equal([(1, 2), (3, 3), (4, 4), (5, 5)], frames.Select(frame => ((int)frame.FirstSeq(), (int)frame.Number("seq"))));
        Assert.Equal("ab", frames[0].Data().Text("delta"));
        Assert.Equal("r1", frames[0].Text("run_id"));
        Assert.False(frames[1].TryGetProperty("first_seq", out _));
    }

    [Fact]
    public void Frames_OfWhatStandsAlone_AreTheBytesOfTheLog()
    {
        var batch = Batch(Delta(1, "a"), Step(1), Delta(2, "b"));
        Assert.Equal(batch.Entries.Select(entry => entry.Frame), DeltaMerger.Frames(batch).Select(frame => frame.Bytes));
    }

    [Fact]
    public void Frames_OfAnyHistory_AreContiguousAndKeepEveryStepsText()
        => Check.One(Config.QuickThrowOnFailure, Prop.ForAll(
            Gen.Zip(Gen.Choose(1, 3), ArbMap.Default.GeneratorFor<NonNull<string>>()).ListOf().ToArbitrary(),
            history =>
            {
                SessionEvent[] events = [.. history.Select(
                    SessionEvent (item) => item.Item2.Get.Length % 5 == 4 ? Step(item.Item1) : Delta(item.Item1, Clean(item.Item2.Get)))];
                var frames = Merge(events);
                Assert.Equal(events.Length, Frames.AssertContiguous(frames, 0));
                for (var step = 1; step <= 3; step++)
                {
                    Assert.Equal(
                        string.Concat(events.OfType<StepDelta>().Where(delta => delta.StepId == Id(step)).Select(delta => delta.Delta)),
                        string.Concat(frames.Where(frame => frame.Type() == "step_delta" && frame.Data().Text("step_id") == Id(step).Value)
                            .Select(frame => frame.Data().Text("delta"))));
                }
            }));

    private static string Clean(string text) => new([.. text.Where(character => !char.IsSurrogate(character))]);

    private static StepId Id(int step) => StepId.Create(Run, 1, step);

    private static StepDelta Delta(int step, string text)
        => new() { StepId = Id(step), StepType = DeltaType.Answer, Delta = text, Iteration = 1 };

    private static ReasoningStep Step(int step) => ScriptedRun.Step(Id(step), StepType.FinalAnswer, "x");

    private static List<JsonElement> Merge(params SessionEvent[] events)
        => [.. DeltaMerger.Frames(Batch(events)).Select(frame => JsonDocument.Parse(frame.Bytes).RootElement)];

    private static LogBatch Batch(params SessionEvent[] events)
    {
        var entries = events.Select((sessionEvent, index) =>
            EnvelopeCodec.Decode(
                EnvelopeCodec.Frame(new Offset(index + 1), EnvelopeCodec.EncodeBody(sessionEvent, Run, DateTimeOffset.UnixEpoch))))
                    .ToList();
        return new LogBatch(Life, new Offset(entries.Count), entries);
    }
}
