using System.Collections.Frozen;
using AgentStream.Api.Commands;
using AgentStream.Messaging.Protocol;
using Microsoft.Extensions.Options;

namespace AgentStream.Api.Access;

/// <summary>
/// Which pages may call, and under which names. Browsers let any page open a WebSocket to any address and send simple requests anywhere, so the
/// server has to look at <c>Origin</c> itself; and <c>Origin</c> equal to <c>Host</c> proves nothing where a foreign name was made to point here.
/// </summary>
internal sealed class CallerPolicy(IOptions<ApiOptions> options)
{
    private readonly FrozenSet<string> _origins = options.Value.AllowedOrigins.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
    private readonly FrozenSet<string> _hosts = options.Value.AllowedHosts.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Why the request is refused; <c>null</c>: it may go on.</summary>
    public Refusal? Check(HttpRequest request)
    {
        if (!_hosts.Contains("*") && !_hosts.Contains(request.Host.Host))
        {
            return new Refusal(
                ErrorCodes.HostNotAllowed,
                $"This API is not served under this name; an operator can add it to {ApiOptions.Section}:{nameof(ApiOptions.AllowedHosts)}.");
        }

        // Programs send none. Browsers send it with each request that could do harm, and a page can't leave it out.
        var origin = request.Headers.Origin;
        if (origin.Count > 0 && !(origin.Count == 1 && _origins.Contains(origin.ToString())))
        {
            return new Refusal(
                ErrorCodes.OriginNotAllowed,
                $"Pages of this origin may not use this API; an operator can add it to {ApiOptions.Section}:{nameof(ApiOptions.AllowedOrigins)}.");
        }

        return null;
    }
}
