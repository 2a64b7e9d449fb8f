using System.Net.Http.Headers;
using AgentStream.Access;

namespace AgentStream.Web.Classic;

/// <summary>Lets this server ask the API in the name of the person whose page it makes.</summary>
internal sealed class ApiTickets(IServiceProvider services, IHttpContextAccessor contexts, AccessWays ways)
{
    private const string Scheme = "Ticket";

    /// <summary>Good for one request, at once. <c>null</c> where nobody signs in.</summary>
    public AuthenticationHeaderValue? ForWhoIsSignedIn()
        => ways.Any && contexts.HttpContext?.GetCaller() is { } caller
            ? new AuthenticationHeaderValue(Scheme, services.GetRequiredService<Tickets>().Issue(caller, null))
            : null;
}
