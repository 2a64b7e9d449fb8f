using AgentStream.Messaging.Redis.Connection;

namespace AgentStream.Tests.Messaging.Redis;

/// <summary>When a lease that has run out says nothing.</summary>
public sealed class StoreTroubleTests
{
    private const int NoCluster = -1;
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void Patience_AfterAnOutage_LastsForALease()
    {
        var trouble = new StoreTrouble(_clock, Lease);
        trouble.NoteFailure(NoCluster, _ => SlotSet.All);
        _clock.Advance(Lease);
        Assert.Equal(Lease, trouble.PatienceFor(NoCluster));

        trouble.NoteAnswer(NoCluster);

        Assert.Equal(Lease, trouble.PatienceFor(NoCluster));
        _clock.Advance(Lease / 2);
        trouble.NoteAnswer(NoCluster);
        Assert.Equal(Lease / 2, trouble.PatienceFor(NoCluster));
        _clock.Advance(Lease / 2);
        Assert.Equal(TimeSpan.Zero, trouble.PatienceFor(NoCluster));
    }

    [Fact]
    public void Patience_WithFailuresAmongAnswers_IsNone()
    {
        var trouble = new StoreTrouble(_clock, Lease);
        for (var i = 0; i < 20; i++)
        {
            trouble.NoteFailure(NoCluster, _ => SlotSet.All);
            _clock.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(TimeSpan.Zero, trouble.PatienceFor(NoCluster));
            trouble.NoteAnswer(NoCluster);
            Assert.True(trouble.IsCalm);
            _clock.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(TimeSpan.Zero, trouble.PatienceFor(NoCluster));
        }
    }

    [Fact]
    public void Patience_OfANodeThatIsAway_OutlastsWhatOthersAnswer()
    {
        var (trouble, away) = (new StoreTrouble(_clock, Lease), SlotSet.Of((0, 99), (500, 599)));
        trouble.NoteFailure(7, _ => away);
        for (var i = 0; i < 20; i++)
        {
            trouble.NoteAnswer(100);
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        // What was never asked for is on that node, too; the others are well.
        Assert.Equal(Lease, trouble.PatienceFor(550));
        Assert.Equal(TimeSpan.Zero, trouble.PatienceFor(100));

        // Whoever has the slots now: a replica has another address.
        trouble.NoteAnswer(99);
        Assert.Equal(Lease, trouble.PatienceFor(7));
        _clock.Advance(Lease);
        Assert.Equal(TimeSpan.Zero, trouble.PatienceFor(7));
    }

    [Fact]
    public void Patience_OfTwoNodes_IsEachItsOwn()
    {
        var trouble = new StoreTrouble(_clock, Lease);
        trouble.NoteFailure(1, _ => SlotSet.Of((0, 99)));
        trouble.NoteFailure(101, _ => SlotSet.Of((100, 199)));
        _clock.Advance(Lease);
        trouble.NoteAnswer(1);
        _clock.Advance(Lease / 2);

        Assert.Equal((Lease / 2, Lease), (trouble.PatienceFor(2), trouble.PatienceFor(102)));
    }
}
