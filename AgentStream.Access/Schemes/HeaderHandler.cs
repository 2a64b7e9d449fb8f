using System.Collections.Concurrent;
using System.Text.Encodings.Web;
using AgentStream.Access.Records;
using AgentStream.Messaging;
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
    KnownScopes known,
    AccessRecords records)
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

        // Nobody tells us when somebody loses a role: it is seen with the next request.
        if (known.HasLost(principal, scopes))
        {
            await records.EndAllAsync(principal, Context.RequestAborted);
        }

        var caller = new Caller(principal, name, scopes, Credential: principal.Value, TimeProvider.GetUtcNow());
        return AuthenticateResult.Success(new AuthenticationTicket(caller.ToPrincipal(Scheme.Name), Scheme.Name));
    }
}

/// <summary>The scopes that people had last, by the word of a proxy.</summary>
internal sealed class KnownScopes(IOptions<HeaderAccessOptions> header)
{
    private const int MostPeople = 100_000;

    private readonly ConcurrentDictionary<PrincipalId, Scopes> _scopes = new();

    public ProxyAddresses Proxies { get; } = ProxyAddresses.Parse(header.Value.Proxies)!;

    /// <summary>Remembers the scopes, and tells whether there were more before.</summary>
    public bool HasLost(PrincipalId principal, Scopes scopes)
    {
        if (_scopes.Count >= MostPeople)
        {
            _scopes.Clear();
        }

        var lost = false;
        _scopes.AddOrUpdate(
            principal,
            scopes,
            (_, before) =>
            {
                lost = (before & ~scopes) != Scopes.None;
                return scopes;
            });
        return lost;
    }
}
