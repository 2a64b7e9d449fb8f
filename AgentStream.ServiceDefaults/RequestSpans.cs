using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace AgentStream.ServiceDefaults;

/// <summary>The server's own spans of requests.</summary>
internal static class RequestSpans
{
    /// <summary>
    /// Keeps the span of a request from being exported: that of a probe, which is no news,
    /// or of one that lasts as long as its client stays, which would say nothing but that.
    /// </summary>
    public static void Drop(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (SpanOf(context) is { } activity)
        {
            activity.IsAllDataRequested = false;
            activity.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
        }
    }

    /// <summary>
    /// Keeps the spans of an endpoint's requests from being exported: those of probes,
    /// and of the dozens of files that one page consists of, would bury the others.
    /// </summary>
    public static TBuilder WithoutSpan<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        endpoint.Add(builder =>
        {
            var next = builder.RequestDelegate;
            builder.RequestDelegate = context =>
            {
                Drop(context);
                return next is null ? Task.CompletedTask : next(context);
            };
        });
        return endpoint;
    }

    private static Activity? SpanOf(HttpContext context) => context.Features.Get<IHttpActivityFeature>()?.Activity;
}
