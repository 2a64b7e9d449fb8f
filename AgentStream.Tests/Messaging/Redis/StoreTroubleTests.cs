using AgentStream.Messaging.Redis.Connection;

namespace AgentStream.Tests.Messaging.Redis;

/// <summary>When a lease that has run out says nothing.</summary>
public sealed class StoreTroubleTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void Patience_AfterAnOutage_LastsForALease()
    {
        var trouble = new StoreTrouble(_clock, Lease);
        trouble.NoteFailure();
        _clock.Advance(Lease);
        Assert.Equal(Lease, trouble.Patience);

        trouble.NoteAnswer();

        Assert.Equal(Lease, trouble.Patience);
        _clock.Advance(Lease / 2);
        trouble.NoteAnswer();
        Assert.Equal(Lease / 2, trouble.Patience);
        _clock.Advance(Lease / 2);
        Assert.Equal(TimeSpan.Zero, trouble.Patience);
    }

    [Fact]
    public void Patience_WithFailuresAmongAnswers_IsNone()
    {
        var trouble = new StoreTrouble(_clock, Lease);
        for (var i = 0; i < 20; i++)
        {
            trouble.NoteFailure();
            _clock.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(TimeSpan.Zero, trouble.Patience);
            trouble.NoteAnswer();
            _clock.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(TimeSpan.Zero, trouble.Patience);
        }
    }
}
