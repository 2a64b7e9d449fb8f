using System.Threading.Channels;

namespace AgentStream.Messaging.Redis.Trouble;

/// <summary>What the parts of the process noticed of Redis, for <see cref="RedisWatch"/> to say once.</summary>
internal sealed class RedisReports
{
    // Of the many that notice the same, one is enough to look.
    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private string? _refusal;

    /// <summary>Notes that Redis could not be used.</summary>
    public void Note(Exception? exception)
    {
        if (exception is not null && RedisFailures.RefusalOf(exception) is { } refusal)
        {
            Volatile.Write(ref _refusal, refusal);
        }

        _news.Writer.TryWrite(true);
    }

    /// <summary>Waits until something was noted, which it may have been already.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken) => await _news.Reader.WaitToReadAsync(cancellationToken);

    /// <summary>Whether something was noted since it was asked last.</summary>
    public bool Take() => _news.Reader.TryRead(out _);

    /// <summary>What Redis refused to do since it was asked last, in its own words.</summary>
    public string? TakeRefusal() => Interlocked.Exchange(ref _refusal, null);
}
