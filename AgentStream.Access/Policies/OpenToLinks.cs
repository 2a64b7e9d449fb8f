using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace AgentStream.Access;

/// <summary>
/// Marks an endpoint that shows one session and nothing else, so that a link to this session opens it as well.
/// To whoever comes by a link, all other endpoints are closed.
/// </summary>
/// <param name="sessionRouteValue">The name of the session's id in the endpoint's route.</param>
internal sealed class OpenToLinks(string sessionRouteValue)
{
    /// <summary>Tells whether the endpoint of a request is open to a caller: it always is to those who did not come by a link.</summary>
    public static bool Lets(Caller caller, HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(context);
        return caller.Shared is not { } shared
            || context.GetEndpoint()?.Metadata.GetMetadata<OpenToLinks>()?.SessionOf(context) == shared.Id.Value;
    }

    private string? SessionOf(HttpContext context) => context.GetRouteValue(sessionRouteValue) as string;
}
