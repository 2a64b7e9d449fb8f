using System.Diagnostics;

namespace AgentStream.Api.Commands;

/// <summary>The W3C trace context under which a run goes, so that one trace id leads from the click to the last token.</summary>
/// <param name="Traceparent">Never missing: every run has a trace id.</param>
/// <param name="Tracestate">What the vendors of the trace put beside it.</param>
internal readonly record struct TraceContext(string Traceparent, string? Tracestate)
{
    private const int MaxTracestateLength = 512;

    /// <summary>The client's own context where it is valid, else the one of the request, else a new one.</summary>
    /// <remarks>An invalid one is no reason to refuse a message: W3C asks to start a new trace.</remarks>
    public static TraceContext From(string? traceparent, string? tracestate)
    {
        if (traceparent is not null && ActivityContext.TryParse(traceparent, null, out var parsed) && parsed.TraceId != default && parsed.SpanId != default)
        {
            var usable = tracestate is { Length: > 0 and <= MaxTracestateLength } && !tracestate.AsSpan().ContainsAnyExceptInRange(' ', '~');
            return new(traceparent, usable ? tracestate : null);
        }

        return Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } id } activity
            ? new(id, activity.TraceStateString)
            : new($"00-{ActivityTraceId.CreateRandom().ToHexString()}-{ActivitySpanId.CreateRandom().ToHexString()}-01", null);
    }
}
