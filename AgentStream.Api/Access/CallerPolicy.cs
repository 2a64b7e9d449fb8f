using System.Collections.Frozen;
using AgentStream.Access;
using AgentStream.Api.Commands;
using AgentStream.Messaging.Protocol;
using AgentStream.ServiceDefaults;
using Microsoft.Extensions.Options;

namespace AgentStream.Api.Access;

/// <summary>
/// Which pages may call, and under which names.
/// Browsers let any page open a WebSocket to any address and send simple requests anywhere,
/// so the server has to look at <c>Origin</c> itself; and <c>Origin</c> equal to <c>Host</c> proves nothing
/// where a foreign name was made to point here.
/// </summary>
internal sealed class CallerPolicy(IOptions<ApiOptions> options)
{
    private readonly FrozenSet<string> _origins = options.Value.AllowedOrigins.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
    private readonly HostNames _hosts = new(options.Value.AllowedHosts);

    /// <summary>The reason why the request is refused; <c>null</c>: it may go on.</summary>
    public Refusal? Check(HttpRequest request)
    {
        if (!_hosts.Has(request.Host))
        {
            return new Refusal(
                ErrorCodes.HostNotAllowed,
                $"This API is not served under this name; an operator can add it to "
                    + $"{ApiOptions.Section}:{nameof(ApiOptions.AllowedHosts)}.");
        }

        // Programs send none. Browsers send it with each request that could do harm, and a page can't leave it out.
        var origin = request.Headers.Origin;
        if (origin.Count > 0 && !(origin.Count == 1 && (_origins.Contains(origin.ToString()) || IsOwnPage(origin.ToString(), request))))
        {
            return new Refusal(
                ErrorCodes.OriginNotAllowed,
                $"Pages of this origin may not use this API; an operator can add it to "
                    + $"{ApiOptions.Section}:{nameof(ApiOptions.AllowedOrigins)}.");
        }

        // A browser brings its cookie along for whoever makes it ask. All of them say for whom, where that could do harm.
        return origin.Count == 0 && CouldDoHarm(request) && SignInCookie.IsIn(request)
            ? new Refusal(ErrorCodes.OriginNotAllowed, "A sign-in of a browser counts with an Origin only: programs use a key or a token.")
            : null;
    }

    private static bool CouldDoHarm(HttpRequest request)
        => !(HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)) || request.Path.StartsWithSegments("/ws");

    // A page of this very server, under a name that was checked; where every name will do, nothing was.
    // A proxy may have taken the TLS off, never put it on.
    private bool IsOwnPage(string origin, HttpRequest request)
        => !_hosts.AreAll
            && Uri.TryCreate(origin, UriKind.Absolute, out var page) && page is { PathAndQuery: "/", Fragment: "", UserInfo: "" }
            && (page.Scheme == request.Scheme || page.Scheme == Uri.UriSchemeHttps)
            && string.Equals(HostNames.NameOf(page), HostNames.NameOf(request.Host), StringComparison.OrdinalIgnoreCase)
            && page.Port == (request.Host.Port ?? (page.Scheme == Uri.UriSchemeHttps ? 443 : 80));
}
