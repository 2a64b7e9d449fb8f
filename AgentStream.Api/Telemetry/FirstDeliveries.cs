using System.Collections.Concurrent;
using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Telemetry;

namespace AgentStream.Api.Telemetry;

/// <summary>Makes one span of each attempt's first delivery by this server, however many clients follow.</summary>
internal sealed class FirstDeliveries(StoreSystem system)
{
    // Clients of one session get an entry within moments of each other: the last few are enough to know who was first.
    private const int Remembered = 1_024;

    private readonly ConcurrentDictionary<string, byte> _known = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _order = new();

    public void Record(SessionId sessionId, LogEntry entry, string traceparent, string? tracestate, DateTimeOffset sent)
    {
        if (!DeliverySpans.AreWanted || !_known.TryAdd(traceparent, 0))
        {
            return;
        }

        _order.Enqueue(traceparent);
        while (_order.Count > Remembered && _order.TryDequeue(out var oldest))
        {
            _known.TryRemove(oldest, out _);
        }

        DeliverySpans.Record(system, sessionId, entry.RunId, traceparent, tracestate, entry.Timestamp, sent);
    }
}
