using AgentStream.Access.Records;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace AgentStream.Access.Schemes;

/// <summary>
/// Chooses the scheme by what a request carries. What was brought on purpose counts alone:
/// a token that is no good is not made up for by a cookie.
/// </summary>
internal sealed class SchemeChoice(AccessWays ways, IOptions<AccessOptions> access, IOptions<HeaderAccessOptions> header)
    : IConfigureNamedOptions<PolicySchemeOptions>
{
    internal const string Bearer = "Bearer ";

    public void Configure(PolicySchemeOptions options)
    {
    }

    public void Configure(string? name, PolicySchemeOptions options)
    {
        if (name != AccessSchemes.Default)
        {
            return;
        }

        options.ForwardDefaultSelector = Choose;
        options.ForwardChallenge = options.ForwardForbid = options.ForwardSignIn = options.ForwardSignOut = AccessSchemes.Cookie;
    }

    private string Choose(HttpContext context)
    {
        var request = context.Request;
        var authorization = request.Headers.Authorization;
        if (authorization.Count > 0)
        {
            return authorization.Count == 1 ? Choose(authorization.ToString()) : AccessSchemes.Unreadable;
        }

        return request.Query.ContainsKey(TicketHandler.QueryName) ? AccessSchemes.Ticket
            : ways.Header && request.Headers.ContainsKey(header.Value.Name) ? AccessSchemes.Header
            : AccessSchemes.Cookie;
    }

    private string Choose(string authorization)
    {
        if (authorization.StartsWith(TicketHandler.Prefix, StringComparison.OrdinalIgnoreCase))
        {
            return AccessSchemes.Ticket;
        }

        if (!authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
        {
            return AccessSchemes.Unreadable;
        }

        var token = authorization[Bearer.Length..].Trim();
        return ShareLinkText.Looks(token) ? access.Value.Sharing ? AccessSchemes.Link : AccessSchemes.Unreadable
            : ApiKeyText.Looks(token) ? ways.Keys ? AccessSchemes.Key : AccessSchemes.Unreadable
            : ways.Jwt ? AccessSchemes.Jwt
            : AccessSchemes.Unreadable;
    }
}
