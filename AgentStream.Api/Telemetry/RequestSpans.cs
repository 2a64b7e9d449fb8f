using System.Diagnostics;
using Microsoft.AspNetCore.Http.Features;

namespace AgentStream.Api.Telemetry;

/// <summary>The server's own spans of requests.</summary>
internal static class RequestSpans
{
    /// <summary>Keeps the span of a request that lasts as long as its client stays from being exported: it would say nothing but that, hours later.</summary>
    public static void Drop(HttpContext context)
    {
        if (context.Features.Get<IHttpActivityFeature>()?.Activity is { } activity)
        {
            activity.IsAllDataRequested = false;
            activity.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
        }
    }
}
