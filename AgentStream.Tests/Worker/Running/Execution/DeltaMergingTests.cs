using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;
using AgentStream.Worker.Running.Execution;
using FsCheck;
using FsCheck.Fluent;

namespace AgentStream.Tests.Worker.Running.Execution;

public sealed class DeltaMergingTests
{
    [Fact]
    public void Merge_AnyDeltas_KeepsTextAndOrderOfEachStepAndLeavesNoNeighboursAlike()
    {
        var deltas = ArbMap.Default.GeneratorFor<(byte Step, NonNull<string> Text)>()
            .Select(
                pair => new StepDelta { StepId = StepId.Parse($"s{pair.Step % 3}"), StepType = DeltaType.Answer, Delta = pair.Text.Get })
            .ListOf();

        Prop.ForAll(deltas.ToArbitrary(), list =>
        {
            var merged = DeltaMerging.Merge(list).Cast<StepDelta>().ToList();
            Assert.Equal(string.Concat(list.Select(delta => delta.Delta)), string.Concat(merged.Select(delta => delta.Delta)));
            foreach (var step in list.Select(delta => delta.StepId).Distinct())
            {
                Assert.Equal(Text(list, step), Text(merged, step));
            }

            Assert.All(merged.Zip(merged.Skip(1)), pair => Assert.NotEqual(pair.First.StepId, pair.Second.StepId));
        }).QuickCheckThrowOnFailure();

        static string Text(IEnumerable<StepDelta> all, StepId step)
            => string.Concat(all.Where(delta => delta.StepId == step).Select(delta => delta.Delta));
    }
}
