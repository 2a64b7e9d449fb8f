using AgentStream.Api.Connections;

namespace AgentStream.Tests.Api.Connections;

/// <summary>When memory is given back: a collection is a pause for all.</summary>
public sealed class MemoryReliefTests
{
    private readonly MemoryRelief _relief;
    private int _collections;

    public MemoryReliefTests() => _relief = new MemoryRelief(() => _collections++);

    [Fact]
    public void Storm_OfClientsThatComeAndThenGo_IsFollowedByOneCollectionEach()
    {
        Look(0, 0, 3_000, 6_000, 10_000);
        Assert.Equal(0, _collections);
        Look(10_000, 10_010, 9_990);
        Assert.Equal(1, _collections);
        Look(4_000, 100, 0, 0, 0);
        Assert.Equal(2, _collections);
    }

    [Fact]
    public void Clients_WhoComeAndGoAllTheTime_CauseNone()
    {
        for (var round = 0; round < 100; round++)
        {
            Look(900, 500, 900, 900);
        }

        Assert.Equal(0, _collections);
    }

    [Fact]
    public void Clients_WhoBecomeMoreSlowly_CauseFewerAndFewer()
    {
        for (var clients = 0; clients < 20_000; clients += 10)
        {
            Look(clients);
        }

        Assert.InRange(_collections, 8, 18);
    }

    private void Look(params int[] clients) => Array.ForEach(clients, _relief.Look);
}
