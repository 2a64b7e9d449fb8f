using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace AgentStream.ServiceDefaults;

/// <summary>The server's own spans of requests.</summary>
public static class RequestSpans
{
    private const string Method = "http.request.method";

    // What the conventions call known; all others are _OTHER, or a client could invent names without end.
    private static readonly HashSet<string> KnownMethods =
        [HttpMethods.Connect, HttpMethods.Delete, HttpMethods.Get, HttpMethods.Head, HttpMethods.Options, HttpMethods.Patch, HttpMethods.Post, HttpMethods.Put, HttpMethods.Trace];

    /// <summary>Keeps the span of a request from being exported: that of a probe, which is no news, or of one that lasts as long as its client stays, which would say nothing but that.</summary>
    public static void Drop(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (SpanOf(context) is { } activity)
        {
            activity.IsAllDataRequested = false;
            activity.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
        }
    }

    /// <summary>Keeps the spans of an endpoint's requests from being exported: those of probes, and of the dozens of files that one page consists of, would bury the others.</summary>
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

    /// <summary>
    /// Says what a request was, in the words of the HTTP conventions, where nobody else did: ASP.NET Core's own spans are all called alike, and its instrumentation, which names them, is not on
    /// every feed.
    /// </summary>
    /// <param name="context">The request, which is over.</param>
    /// <param name="failure">What nobody caught.</param>
    internal static void Describe(HttpContext context, Exception? failure)
    {
        if (SpanOf(context) is not { IsAllDataRequested: true } activity || activity.GetTagItem(Method) is not null)
        {
            return;
        }

        var method = KnownMethods.Contains(context.Request.Method) ? context.Request.Method : "_OTHER";
        var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;
        var status = failure is null ? context.Response.StatusCode : StatusCodes.Status500InternalServerError;
        activity.DisplayName = $"{(method == "_OTHER" ? "HTTP" : method)} {route}".TrimEnd();
        activity.SetTag(Method, method);
        activity.SetTag("http.route", route);
        activity.SetTag("http.response.status_code", status);
        activity.SetTag("url.scheme", context.Request.Scheme);
        activity.SetTag("url.path", context.Request.Path.Value);
        activity.SetTag("server.address", context.Request.Host.Host);
        activity.SetTag("server.port", context.Request.Host.Port);
        if (status >= StatusCodes.Status500InternalServerError)
        {
            activity.SetTag("error.type", failure?.GetType().FullName ?? $"{status}");
            activity.SetStatus(ActivityStatusCode.Error);
        }
    }

    private static Activity? SpanOf(HttpContext context) => context.Features.Get<IHttpActivityFeature>()?.Activity;
}
