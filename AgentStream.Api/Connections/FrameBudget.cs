namespace AgentStream.Api.Connections;

/// <summary>A budget of frames that a client may still send: fills by the second, up to ten seconds' worth.</summary>
internal sealed class FrameBudget(int perSecond, TimeProvider time)
{
    private const int BurstSeconds = 10;

    private double _left = (double)perSecond * BurstSeconds;
    private long _asOf = time.GetTimestamp();

    /// <summary>Takes one; false: there is none.</summary>
    public bool TryTake()
    {
        var now = time.GetTimestamp();
        _left = Math.Min((double)perSecond * BurstSeconds, _left + (time.GetElapsedTime(_asOf, now).TotalSeconds * perSecond));
        _asOf = now;
        if (_left < 1)
        {
            return false;
        }

        _left--;
        return true;
    }
}
