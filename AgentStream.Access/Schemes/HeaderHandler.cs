using System.Text.Encodings.Web;
using AgentStream.ServiceDefaults.Proxies;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AgentStream.Access.Schemes;

/// <summary>What a trusted proxy says about the person whom it let through.</summary>
internal sealed class HeaderHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory logger,
    UrlEncoder encoder,
    IOptions<HeaderAccessOptions> header,
    CallerFactory callers,
    KnownScopes known)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    private const int LongestName = 200;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        // Of a client whose proxy says who it is, the connection has the address already; it is the proxy that counts.
        var peer = Context.Features.Get<PeerFeature>() is { } opened ? opened.Address : Context.Connection.RemoteIpAddress;
        if (!known.Proxies.Has(peer))
        {
            return AuthenticateResult.Fail("The header did not come from a listed proxy.");
        }

        var settings = header.Value;
        var ids = Request.Headers[settings.Name];
        // A proxy on the way may have made one line of two.
        if (ids is not [{ Length: > 0 and <= LongestName } id] || id.Contains(',', StringComparison.Ordinal))
        {
            return AuthenticateResult.Fail("The header is there more than once, empty or too long.");
        }

        var name = settings.DisplayName.Length > 0 && Request.Headers[settings.DisplayName] is [{ Length: > 0 and <= LongestName } given]
            ? given
            : id;
        var roles = settings.Roles.Length > 0
            ? Request.Headers[settings.Roles].SelectMany(line => (line ?? "").Split(',', StringSplitOptions.TrimEntries))
            : [];
        var principal = PrincipalIds.OfName("proxy", id);
        var scopes = callers.ScopesOf(roles);
        var hasEnded = await known.NoteAsync(principal, scopes, Context.RequestAborted);

        // Times are carried to the millisecond: what this request opens is later than what it has ended.
        var since = TimeProvider.GetUtcNow() + (hasEnded ? TimeSpan.FromMilliseconds(1) : TimeSpan.Zero);
        var caller = new Caller(principal, name, scopes, Credential: principal.Value, since);
        return AuthenticateResult.Success(new AuthenticationTicket(caller.ToPrincipal(Scheme.Name), Scheme.Name));
    }
}
