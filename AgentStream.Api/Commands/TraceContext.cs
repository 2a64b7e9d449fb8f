using System.Diagnostics;

namespace AgentStream.Api.Commands;

/// <summary>The W3C trace context under which a run goes, so that one trace id leads from the click to the last token.</summary>
/// <param name="Traceparent">Never missing: every run has a trace id.</param>
/// <param name="Tracestate">What the vendors of the trace put beside it.</param>
internal readonly record struct TraceContext(string Traceparent, string? Tracestate)
{
    /// <summary>00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01</summary>
    private const int KnownLength = 55;

    /// <summary>The client's own context where it is valid, else the one of the request, else a new one.</summary>
    /// <remarks>An invalid one is no reason to refuse a message: W3C asks to start a new trace.</remarks>
    public static TraceContext From(string? traceparent, string? tracestate)
    {
        if (ActivityContext.TryParse(KnownPartOf(traceparent), null, out var parsed)
            && parsed.TraceId != default
            && parsed.SpanId != default)
        {
            var isRecorded = (parsed.TraceFlags & ActivityTraceFlags.Recorded) != 0;
            return new(Write(parsed.TraceId, parsed.SpanId, isRecorded), TraceState.Usable(tracestate));
        }

        return Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } id } activity
            ? new(id, TraceState.Usable(activity.TraceStateString))
            : new(Write(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), isRecorded: true), null);
    }

    // A later version than 00 may have more after its flags: W3C asks to go on with what is known.
    private static string? KnownPartOf(string? traceparent)
        => traceparent is { Length: > KnownLength }
            && traceparent[KnownLength] == '-'
            && !traceparent.StartsWith("00", StringComparison.Ordinal)
            ? traceparent[..KnownLength]
            : traceparent;

    private static string Write(ActivityTraceId trace, ActivitySpanId span, bool isRecorded)
        => $"00-{trace.ToHexString()}-{span.ToHexString()}-{(isRecorded ? "01" : "00")}";
}
