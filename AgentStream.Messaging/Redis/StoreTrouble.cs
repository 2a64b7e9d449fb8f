namespace AgentStream.Messaging.Redis;

/// <summary>When the store was last found away. For as long as a lease lasts after that, a lease that has run out says nothing about its worker, which could not renew it.</summary>
internal sealed class StoreTrouble(TimeProvider time, TimeSpan leaseDuration)
{
    private long _last;

    public void Note() => Volatile.Write(ref _last, Math.Max(1, time.GetTimestamp()));

    /// <summary>How long to leave runs of others alone.</summary>
    public TimeSpan Patience => Volatile.Read(ref _last) is var last and not 0 && leaseDuration - time.GetElapsedTime(last) is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;
}
