using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace AgentStream.ServiceDefaults;

/// <summary>The server's own spans of requests.</summary>
public static class RequestSpans
{
    /// <summary>Keeps the span of a request from being exported: that of a probe, which is no news, or of one that lasts as long as its client stays, which would say nothing but that.</summary>
    public static void Drop(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.Features.Get<IHttpActivityFeature>()?.Activity is { } activity)
        {
            activity.IsAllDataRequested = false;
            activity.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
        }
    }
}
