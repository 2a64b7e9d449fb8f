using AgentStream.Api.Delivery;
using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Api.Telemetry;

/// <summary>The first text of a run.</summary>
/// <param name="At">Its offset.</param>
/// <param name="Queued">The offset of the message that it answers.</param>
/// <param name="Since">When that was taken.</param>
internal readonly record struct FirstText(Offset At, Offset Queued, DateTimeOffset Since);

/// <summary>Measures what the clients of one session get, as they get it. Costs a comparison where nobody collects.</summary>
/// <param name="sessionId">The session.</param>
/// <param name="deliveries">Which runs' first entries this server has brought to somebody.</param>
/// <param name="time">The clock.</param>
internal sealed class DeliveryMeter(SessionId sessionId, FirstDeliveries deliveries, TimeProvider time)
{
    // A client that is so many answers behind is catching up.
    private const int Remembered = 16;

    private readonly Queue<FirstText> _firstTexts = new();
    private (RunId Run, Offset Offset, DateTimeOffset At)? _waiting;

    /// <summary>Takes notice of an entry, in the order of the log.</summary>
    public void Observe(LogEntry entry)
    {
        switch (entry.Event)
        {
            // The next one that waits counts when the first has begun to answer.
            case RunQueued when _waiting is null:
                _waiting = (entry.RunId, entry.Offset, entry.Timestamp);
                break;
            case StepDelta when _waiting is { } asked && asked.Run == entry.RunId:
                _waiting = null;
                _firstTexts.Enqueue(new FirstText(entry.Offset, asked.Offset, asked.At));
                if (_firstTexts.Count > Remembered)
                {
                    _firstTexts.Dequeue();
                }

                break;
            case RunFinished when _waiting?.Run == entry.RunId:
                _waiting = null;
                break;
            default:
                break;
        }
    }

    /// <summary>The first texts after an offset, up to another one.</summary>
    public IReadOnlyList<FirstText> FirstTexts(Offset after, Offset last)
        => _firstTexts.Count == 0 ? [] : [.. _firstTexts.Where(text => text.At > after && text.At <= last)];

    /// <summary>A portion was written to a client.</summary>
    /// <param name="portion">The portion.</param>
    /// <param name="live">
    /// Entries after this offset came to be while the client was there; older ones are its catching up and measure nothing.
    /// </param>
    public void Sent(Portion portion, Offset live)
    {
        // By index: what a list gives to enumerate it would be garbage for each client and frame.
        var isMeasured = ApiTelemetry.DeliveryDuration.Enabled;
        for (var index = 0; index < portion.Ends.Count; index++)
        {
            var entry = portion.Ends[index];
            if (entry.Offset <= live)
            {
                continue;
            }

            if (isMeasured)
            {
                ApiTelemetry.DeliveryDuration.Record(SecondsSince(entry.Timestamp));
            }

            if (entry.Event is RunStarted { Traceparent: { } traceparent } started)
            {
                deliveries.Record(sessionId, entry, traceparent, started.Tracestate, time.GetUtcNow());
            }
        }

        for (var index = 0; isMeasured && index < portion.FirstTexts.Count; index++)
        {
            if (portion.FirstTexts[index] is var first && first.Queued > live)
            {
                ApiTelemetry.TimeToFirstToken.Record(SecondsSince(first.Since));
            }
        }
    }

    // Two clocks: the store's and ours.
    private double SecondsSince(DateTimeOffset at) => Math.Max(0, (time.GetUtcNow() - at).TotalSeconds);
}
