using System.Globalization;
using System.Security.Claims;
using AgentStream.Messaging;

namespace AgentStream.Access;

/// <summary>Somebody who was recognised, and what they may do.</summary>
/// <param name="Id">The owner of their sessions.</param>
/// <param name="Name">Their name, for people.</param>
/// <param name="Scopes">What they may do.</param>
/// <param name="Credential">
/// What they were recognised by: a key, a sign-in. Revoking it closes what was opened with it.
/// The id itself where there is nothing else, because a proxy recognised them.
/// </param>
/// <param name="Since">The time from which the credential is.</param>
/// <param name="Expires">The time at which it ends; <c>null</c>: only with its revocation.</param>
internal sealed record Caller(
    PrincipalId Id, string Name, Scopes Scopes, string Credential, DateTimeOffset Since, DateTimeOffset? Expires = null)
{
    /// <summary>What credentials of people begin with who signed in at a page of ours.</summary>
    internal const string SignInPrefix = "signin:";

    private const string IdClaim = "sub";
    private const string NameClaim = "name";
    private const string ScopesClaim = "scope";
    private const string CredentialClaim = "credential";
    private const string SinceClaim = "since";
    private const string ExpiresClaim = "expires";
    private const string SharedClaim = "shared_session";
    private const string SharedByClaim = "shared_by";

    /// <summary>Everybody, where nobody is asked.</summary>
    public static Caller Local { get; } = new(PrincipalId.Anonymous, "", Scopes.All, "", DateTimeOffset.MinValue);

    /// <summary>The one session that they may read, because they have a link to it; <c>null</c>: they have sessions of their own.</summary>
    public SharedSession? Shared { get; init; }

    /// <summary>Whether they signed in at a page of ours, and can sign out there.</summary>
    public bool HasSignedIn => Credential.StartsWith(SignInPrefix, StringComparison.Ordinal);

    /// <summary>Whether they have nothing that they were recognised by but the word of a proxy, for each request anew.</summary>
    public bool IsKnownByProxy => Credential == Id.Value;

    /// <summary>Tells whether they may do all of this.</summary>
    public bool Has(Scopes scopes) => (Scopes & scopes) == scopes;

    /// <summary>The caller as ASP.NET Core carries it, in a cookie for example.</summary>
    /// <param name="scheme">The scheme that recognised them.</param>
    public ClaimsPrincipal ToPrincipal(string scheme)
    {
        List<Claim> claims =
        [
            new(IdClaim, Id.Value),
            new(NameClaim, Name),
            new(ScopesClaim, ScopeNames.Write(Scopes)),
            new(CredentialClaim, Credential),
            new(SinceClaim, Write(Since)),
        ];
        if (Expires is { } expires)
        {
            claims.Add(new(ExpiresClaim, Write(expires)));
        }

        if (Shared is { } shared)
        {
            claims.Add(new(SharedClaim, shared.Id.Value));
            claims.Add(new(SharedByClaim, shared.Owner.Value));
        }

        return new ClaimsPrincipal(new ClaimsIdentity(claims, scheme, NameClaim, roleType: null));
    }

    /// <summary>The caller that <see cref="ToPrincipal"/> wrote; <c>null</c>: there is none.</summary>
    public static Caller? From(ClaimsPrincipal? principal)
        => principal?.Identity is ClaimsIdentity { IsAuthenticated: true } identity
            && PrincipalId.TryParse(identity.FindFirst(IdClaim)?.Value, out var id)
            && identity.FindFirst(CredentialClaim)?.Value is { Length: > 0 } credential
            && Read(identity.FindFirst(SinceClaim)?.Value) is { } since
            ? new Caller(
                id, identity.FindFirst(NameClaim)?.Value ?? "", ScopeNames.ParseKnown(identity.FindFirst(ScopesClaim)?.Value ?? ""),
                credential, since, Read(identity.FindFirst(ExpiresClaim)?.Value))
            {
                Shared = SharedSession.Read(identity.FindFirst(SharedClaim)?.Value, identity.FindFirst(SharedByClaim)?.Value),
            }
            : null;

    private static string Write(DateTimeOffset time) => time.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);

    private static DateTimeOffset? Read(string? text)
        => long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var milliseconds)
            ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)
            : null;
}
