using AgentStream.Messaging;

namespace AgentStream.Tests.Worker.Running.Context;

/// <summary>Places for turns that a test makes up, each after the one before.</summary>
internal static class EarlierTurns
{
    private static long _last;

    public static Offset NextPlace() => new(Interlocked.Increment(ref _last));
}
