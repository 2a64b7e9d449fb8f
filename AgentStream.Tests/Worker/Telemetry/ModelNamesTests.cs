using AgentStream.Worker.Telemetry;

namespace AgentStream.Tests.Worker.Telemetry;

public sealed class ModelNamesTests
{
    [Fact]
    public void Of_NamesThatClientsInvent_IsOneName()
    {
        var names = new ModelNames();
        Assert.All(Enumerable.Range(0, 1_000), number => Assert.Equal(ModelNames.Other, names.Of($"invented-{number}")));
    }

    [Fact]
    public void AddAnswered_MoreThanThereIsPlaceFor_KeepsTheFirstAndAlwaysThoseThatWereConfigured()
    {
        var names = new ModelNames(max: 2);
        Assert.All(Enumerable.Range(0, 10), number => names.AddAnswered($"answers-to-everything-{number % 5}"));
        names.AddConfigured("ours");

        Assert.Equal(
            ["answers-to-everything-0", "answers-to-everything-1", ModelNames.Other, ModelNames.Other, ModelNames.Other, "ours"],
            Enumerable.Range(0, 5).Select(number => names.Of($"answers-to-everything-{number}")).Append(names.Of("ours")));
    }
}
