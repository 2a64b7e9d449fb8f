using System.Diagnostics;

namespace AgentStream.Api.Commands;

/// <summary>The W3C trace context under which a run goes, so that one trace id leads from the click to the last token.</summary>
/// <param name="Traceparent">Never missing: every run has a trace id.</param>
/// <param name="Tracestate">What the vendors of the trace put beside it.</param>
internal readonly record struct TraceContext(string Traceparent, string? Tracestate)
{
    /// <summary>The client's own context where it is valid, else the one of the request, else a new one.</summary>
    /// <remarks>An invalid one is no reason to refuse a message: W3C asks to start a new trace.</remarks>
    public static TraceContext From(string? traceparent, string? tracestate)
    {
        if (traceparent is not null && ActivityContext.TryParse(traceparent, null, out var parsed) && parsed.TraceId != default && parsed.SpanId != default)
        {
            // Written anew: a later version may have more behind its flags than this one knows to carry.
            var isRecorded = (parsed.TraceFlags & ActivityTraceFlags.Recorded) != 0;
            return new(Write(parsed.TraceId, parsed.SpanId, isRecorded), TraceState.Usable(tracestate));
        }

        return Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } id } activity
            ? new(id, TraceState.Usable(activity.TraceStateString))
            : new(Write(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), isRecorded: true), null);
    }

    private static string Write(ActivityTraceId trace, ActivitySpanId span, bool isRecorded) => $"00-{trace.ToHexString()}-{span.ToHexString()}-{(isRecorded ? "01" : "00")}";
}
