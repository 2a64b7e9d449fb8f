using System.Collections.Concurrent;
using System.Text.Encodings.Web;
using AgentStream.Access.Records;
using AgentStream.Messaging;
using AgentStream.Messaging.Log;
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
        if (await known.HasLostAsync(principal, scopes, Context.RequestAborted))
        {
            await records.EndAllAsync(principal, Context.RequestAborted);
        }

        var caller = new Caller(principal, name, scopes, Credential: principal.Value, TimeProvider.GetUtcNow());
        return AuthenticateResult.Success(new AuthenticationTicket(caller.ToPrincipal(Scheme.Name), Scheme.Name));
    }
}

/// <summary>The scopes that people had last, by the word of a proxy.</summary>
/// <remarks>On all servers: what is open may be open on another one than the request comes to that shows the loss.</remarks>
internal sealed class KnownScopes(IOptions<HeaderAccessOptions> header, IAccessStore store, TimeProvider time)
{
    private const int MostPeople = 100_000;
    private static readonly TimeSpan Memory = TimeSpan.FromDays(30);

    /// <summary>Another server may hear of other roles meanwhile.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<PrincipalId, (Scopes Scopes, long At)> _scopes = new();

    public ProxyAddresses Proxies { get; } = ProxyAddresses.Parse(header.Value.Proxies)!;

    /// <summary>
    /// Remembers the scopes, and tells whether there were more before. The store is asked every few seconds, and where they changed.
    /// </summary>
    public async ValueTask<bool> HasLostAsync(PrincipalId principal, Scopes scopes, CancellationToken cancellationToken)
    {
        if (_scopes.TryGetValue(principal, out var before) && before.Scopes == scopes && time.GetElapsedTime(before.At) < Fresh)
        {
            return false;
        }

        var name = $"scopes:{principal.Value}";
        var text = ScopeNames.Write(scopes);
        string? known;
        try
        {
            known = await store.FindKeptAsync(name, cancellationToken);
            if (known != text)
            {
                await store.KeepAsync(name, text, Memory, cancellationToken);
            }
        }
        catch (StoreUnavailableException)
        {
            // It is asked with their next request; until then nothing could be ended anywhere either.
            return false;
        }

        if (_scopes.Count >= MostPeople)
        {
            _scopes.Clear();
        }

        _scopes[principal] = (scopes, time.GetTimestamp());
        return known is not null && (ScopeNames.ParseKnown(known) & ~scopes) != Scopes.None;
    }
}
