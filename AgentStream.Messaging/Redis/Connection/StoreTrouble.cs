namespace AgentStream.Messaging.Redis.Connection;

/// <summary>
/// When the store was away.
/// For as long as a lease lasts after that, a lease that has run out says nothing about its worker, which could not renew it.
/// </summary>
/// <remarks>
/// A call that fails between others that don't is no outage: on a store that is only slow,
/// runs of dead workers have to be taken over all the same.
/// </remarks>
internal sealed class StoreTrouble(TimeProvider time, TimeSpan leaseDuration)
{
    private readonly Lock _gate = new();
    private readonly TimeSpan _shortest = leaseDuration / 4;
    private volatile bool _isAway;
    private long _since;
    private long? _backSince;

    /// <summary>The time for which to leave runs of others alone.</summary>
    public TimeSpan Patience
    {
        get
        {
            lock (_gate)
            {
                if (_isAway)
                {
                    // The next call may be the first that is answered.
                    return time.GetElapsedTime(_since) >= _shortest ? leaseDuration : TimeSpan.Zero;
                }

                var left = _backSince is { } back ? leaseDuration - time.GetElapsedTime(back) : TimeSpan.Zero;
                return left > TimeSpan.Zero ? left : TimeSpan.Zero;
            }
        }
    }

    public void NoteFailure()
    {
        lock (_gate)
        {
            if (!_isAway)
            {
                _isAway = true;
                _since = time.GetTimestamp();
            }
        }
    }

    public void NoteAnswer()
    {
        if (!_isAway)
        {
            return;
        }

        lock (_gate)
        {
            if (_isAway && time.GetElapsedTime(_since) >= _shortest)
            {
                _backSince = time.GetTimestamp();
            }

            _isAway = false;
        }
    }
}
