using AgentStream.Access.Schemes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace AgentStream.Access;

/// <summary>The cookie of a sign-in, by name.</summary>
internal static class SignInCookie
{
    private const string Plain = "agentstream";

    /// <summary>With the prefix browsers take it over TLS alone, for this very host and all its paths, from nobody else.</summary>
    public static string NameOf(AccessOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.Tls ? $"__Host-{Plain}" : Plain;
    }

    /// <summary>Tells whether a request would be recognised by its cookie: it has one, and carries nothing else.</summary>
    public static bool IsIn(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var services = request.HttpContext.RequestServices;
        return services.GetRequiredService<AccessWays>().HasSignIn
            && request.Cookies.ContainsKey(NameOf(services.GetRequiredService<IOptions<AccessOptions>>().Value))
            && request.Headers.Authorization.Count == 0
            && !request.Query.ContainsKey(TicketHandler.QueryName);
    }
}
