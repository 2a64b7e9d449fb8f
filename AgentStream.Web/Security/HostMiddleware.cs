using AgentStream.ServiceDefaults;
using Microsoft.Extensions.Options;

namespace AgentStream.Web.Security;

/// <summary>
/// Answers nothing under a name that was not allowed.
/// Without it a page of a foreign name that is made to point here could read the classic chat's form, token included, and send it:
/// to the browser both are one site, and this server then asks the API from within.
/// </summary>
internal sealed class HostMiddleware(RequestDelegate next, IOptions<AgentStreamWebOptions> options, IEnumerable<OwnPaths> others)
{
    private const string Sentence =
        $"The pages are not served under this name; an operator can add it to "
        + $"{AgentStreamWebOptions.SectionName}:{nameof(AgentStreamWebOptions.AllowedHosts)}.";

    private readonly HostNames _names = new(options.Value.AllowedHosts);

    // In one process with the API: it holds its own addresses to its own names.
    private readonly PathString[] _ofOthers = [.. others.SelectMany(other => other.Paths)];

    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        if (_names.Has(request.Host) || request.IsHealthProbe() || Array.Exists(_ofOthers, path => request.Path.StartsWithSegments(path)))
        {
            return next(context);
        }

        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(Sentence, context.RequestAborted);
    }
}
