using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace AgentStream.ServiceDefaults.Proxies;

/// <summary>
/// Puts the prefix of a request's path where it belongs, whether the proxy took it off or left it:
/// addresses of ours are then found, and those that we write lead back through the proxy.
/// </summary>
internal sealed class PathPrefixMiddleware(RequestDelegate next, IOptions<ReverseProxyOptions> options)
{
    private readonly PathString _configured = new(options.Value.PathPrefix);

    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        var prefix = _configured.HasValue ? _configured : SaidByProxy(request.PathBase);
        request.PathBase = prefix;
        if (prefix.HasValue && request.Path.StartsWithSegments(prefix, StringComparison.Ordinal, out var rest))
        {
            request.Path = rest.HasValue ? rest : new PathString("/");
        }

        return next(context);
    }

    // What a listed proxy said stands in the path's base already. One that is no path could lead pages elsewhere ("//example.org").
    private static PathString SaidByProxy(PathString prefix)
        => prefix.Value?.TrimEnd('/') is { Length: > 0 } text && ReverseProxyOptions.IsPath(text) ? new PathString(text) : default;
}
