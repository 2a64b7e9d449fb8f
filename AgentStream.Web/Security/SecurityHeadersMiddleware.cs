using Microsoft.Extensions.Primitives;

namespace AgentStream.Web.Security;

/// <summary>Puts the security headers on every answer; one that an endpoint has set itself stays.</summary>
internal sealed class SecurityHeadersMiddleware(RequestDelegate next, ContentSecurityPolicy policy)
{
    public Task InvokeAsync(HttpContext context)
    {
        // Decided when the answer starts, because only then the endpoint is known, after an error page's second round too.
        context.Response.OnStarting(static state =>
        {
            var (context, policy) = ((HttpContext, ContentSecurityPolicy))state;
            var headers = context.Response.Headers;
            headers.TryAdd("Content-Security-Policy", policy.For(context.GetEndpoint()));
            headers.TryAdd("X-Content-Type-Options", (StringValues)"nosniff");
            // A session id in an address is nobody else's business.
            headers.TryAdd("Referrer-Policy", (StringValues)"same-origin");
            headers.TryAdd("Cross-Origin-Opener-Policy", (StringValues)"same-origin");
            headers.TryAdd("Cross-Origin-Resource-Policy", (StringValues)"same-origin");
            headers.TryAdd("Permissions-Policy", (StringValues)"camera=(), geolocation=(), microphone=(), payment=(), usb=()");
            return Task.CompletedTask;
        }, (context, policy));
        return next(context);
    }
}
