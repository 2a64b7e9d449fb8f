using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Api.Telemetry;

/// <summary>Measures what one client gets, as it gets it. Costs a comparison where nobody collects.</summary>
/// <param name="live">
/// Entries after this offset came to be while the client was there; older ones are its catching up and measure nothing.
/// </param>
/// <param name="deliveries">Which runs' first entries this server has brought to somebody.</param>
/// <param name="time">The clock.</param>
internal sealed class DeliveryMeter(Offset live, FirstDeliveries deliveries, TimeProvider time)
{
    private RunId? _waiting;
    private DateTimeOffset _since;

    /// <summary>An entry was written to the client.</summary>
    public void Sent(SessionId sessionId, LogEntry entry)
    {
        if (entry.Offset <= live)
        {
            return;
        }

        if (ApiTelemetry.DeliveryDuration.Enabled)
        {
            Measure(entry);
        }

        if (entry.Event is RunStarted { Traceparent: { } traceparent } started)
        {
            deliveries.Record(sessionId, entry, traceparent, started.Tracestate, time.GetUtcNow());
        }
    }

    private void Measure(LogEntry entry)
    {
        var now = time.GetUtcNow();
        ApiTelemetry.DeliveryDuration.Record(Seconds(entry.Timestamp, now));
        switch (entry.Event)
        {
            // The next one that waits counts when the first has begun to answer.
            case RunQueued when _waiting is null:
                (_waiting, _since) = (entry.RunId, entry.Timestamp);
                break;
            case StepDelta or RunFinished when _waiting == entry.RunId:
                _waiting = null;
                if (entry.Event is StepDelta)
                {
                    ApiTelemetry.TimeToFirstToken.Record(Seconds(_since, now));
                }

                break;
            default:
                break;
        }
    }

    // Two clocks: the store's and ours.
    private static double Seconds(DateTimeOffset from, DateTimeOffset to) => Math.Max(0, (to - from).TotalSeconds);
}
