using System.Collections;
using System.Collections.Concurrent;
using System.Diagnostics;

namespace AgentStream.Tests.Support;

/// <summary>
/// The spans of some sources that end while it listens, those of tests beside it included: look for one by what only it has.
/// </summary>
internal sealed class RecordedSpans : IEnumerable<Activity>, IDisposable
{
    private readonly ConcurrentQueue<Activity> _ended = [];
    private readonly ActivityListener _listener;

    public RecordedSpans(params string[] sources)
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => sources.Contains(source.Name),
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _ended.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public IEnumerator<Activity> GetEnumerator() => _ended.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public void Dispose() => _listener.Dispose();
}
