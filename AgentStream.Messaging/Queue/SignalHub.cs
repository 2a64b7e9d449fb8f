using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace AgentStream.Messaging.Queue;

/// <summary>Passes hints to whoever listens. Each listener has a bounded list; one that does not look loses the oldest.</summary>
internal sealed class SignalHub
{
    private const int Capacity = 256;
    private static readonly WorkAvailable Work = new();
    private readonly Lock _gate = new();
    private readonly List<Channel<QueueSignal>> _listeners = [];

    public void AnnounceWork() => Publish(Work);

    public void AnnounceCancel(SessionId sessionId, RunId runId) => Publish(new CancelSignal(sessionId, runId));

    public void AnnounceErased(SessionId sessionId, Epoch epoch) => Publish(new ErasedSignal(sessionId, epoch));

    public async IAsyncEnumerable<QueueSignal> ListenAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var channel = Channel.CreateBounded<QueueSignal>(
            new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        lock (_gate)
        {
            _listeners.Add(channel);
        }

        try
        {
            // What was announced before this one listened is still there to be claimed.
            yield return Work;
            await foreach (var signal in channel.Reader.ReadAllAsync(cancellationToken))
            {
                yield return signal;
            }
        }
        finally
        {
            lock (_gate)
            {
                _listeners.Remove(channel);
            }
        }
    }

    private void Publish(QueueSignal signal)
    {
        lock (_gate)
        {
            foreach (var listener in _listeners)
            {
                // One hint of work is as good as many.
                if (signal is WorkAvailable && listener.Reader.TryPeek(out var next) && next is WorkAvailable)
                {
                    continue;
                }

                listener.Writer.TryWrite(signal);
            }
        }
    }
}
