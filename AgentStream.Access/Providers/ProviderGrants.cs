using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using AgentStream.Access.Providers;
using AgentStream.Access.Records;
using Microsoft.AspNetCore.DataProtection;

namespace AgentStream.Access;

/// <summary>
/// What a provider gave with each sign-in that holds. Encrypted by ASP.NET Core's data protection, and never in a cookie or a log.
/// </summary>
internal sealed class ProviderGrants
{
    private const int MaxSignInsOfSession = 32;
    private const string Purpose = "AgentStream.ProviderGrant.v1";

    private readonly IDataProtector _protector;
    private readonly IAccessStore _store;
    private readonly AccessRecords _records;
    private readonly CallerFactory _callers;
    private readonly TimeProvider _time;

    internal ProviderGrants(
        IDataProtectionProvider protection, IAccessStore store, AccessRecords records, CallerFactory callers, TimeProvider time)
    {
        _protector = protection.CreateProtector(Purpose);
        (_store, _records, _callers, _time) = (store, records, callers, time);
    }

    /// <summary>Keeps what belongs to a sign-in, for as long as that holds.</summary>
    public Task KeepAsync(Caller caller, ProviderTokens tokens, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(tokens);
        var now = _time.GetUtcNow();
        return KeepAsync(
            caller.Credential,
            new ProviderGrant
            {
                Subject = tokens.Subject,
                Scopes = _callers.ScopesOf(tokens.Roles),
                UserInfoAddress = tokens.UserInfoAddress,
                TokenAddress = tokens.TokenAddress,
                AccessToken = tokens.AccessToken,
                AccessTokenExpires = now + tokens.AccessTokenLifetime,
                RefreshToken = tokens.RefreshToken,
                Until = caller.Expires ?? now,
            },
            cancellationToken);
    }

    /// <summary>Remembers that a sign-in belongs to a session at the provider, so that it can end it. One session may have many.</summary>
    public async Task LinkAsync(Caller caller, string issuer, string session, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Expires - _time.GetUtcNow() is not { } lifetime || lifetime <= TimeSpan.Zero)
        {
            return;
        }

        for (var number = 0; ; number++)
        {
            var name = NameOfSession(issuer, session, number);
            var isFree = await _store.TryTakeAsync(name, lifetime, cancellationToken);
            if (!isFree && number < MaxSignInsOfSession - 1)
            {
                continue;
            }

            if (!isFree && await _store.FindKeptAsync(name, cancellationToken) is { } other)
            {
                // Nobody has so many browsers. One that could not be ended by the provider is ended now.
                await EndAsync(other, cancellationToken);
            }

            await _store.KeepAsync(name, caller.Credential, lifetime, cancellationToken);
            return;
        }
    }

    /// <summary>Ends the sign-ins that belong to a session at the provider; there may be none.</summary>
    public async Task EndSessionAsync(string issuer, string session, CancellationToken cancellationToken)
    {
        for (var number = 0; number < MaxSignInsOfSession; number++)
        {
            var name = NameOfSession(issuer, session, number);
            if (await _store.FindKeptAsync(name, cancellationToken) is { } credential)
            {
                await EndAsync(credential, cancellationToken);
                await _store.ForgetAsync(name, cancellationToken);
                await _store.GiveBackAsync(name, cancellationToken);
            }
        }
    }

    /// <summary>Takes something that a provider says once; false: it was said before.</summary>
    public Task<bool> TryTakeAsync(string issuer, string id, TimeSpan lifetime, CancellationToken cancellationToken)
        => _store.TryTakeAsync("said:" + SecretHash.Of($"{issuer.Length}:{issuer}{id}"), lifetime, cancellationToken);

    internal async Task KeepAsync(string credential, ProviderGrant grant, CancellationToken cancellationToken)
    {
        var lifetime = grant.Until - _time.GetUtcNow();
        if (lifetime > TimeSpan.Zero)
        {
            var text = _protector.Protect(JsonSerializer.Serialize(grant, ProviderJson.Default.ProviderGrant));
            await _store.KeepAsync(NameOf(credential), text, lifetime, cancellationToken);
        }
    }

    internal async Task<ProviderGrant?> FindAsync(string credential, CancellationToken cancellationToken)
    {
        if (await _store.FindKeptAsync(NameOf(credential), cancellationToken) is not { } text)
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(_protector.Unprotect(text), ProviderJson.Default.ProviderGrant);
        }
        catch (Exception exception) when (exception is CryptographicException or JsonException)
        {
            // Of keys that are gone, and the cookie with them.
            return null;
        }
    }

    internal Task ForgetAsync(string credential, CancellationToken cancellationToken)
        => _store.ForgetAsync(NameOf(credential), cancellationToken);

    private static string NameOf(string credential) => $"grant:{SecretHash.Of(credential)}";

    private static string NameOfSession(string issuer, string session, int number)
        => string.Create(CultureInfo.InvariantCulture, $"session:{SecretHash.Of($"{issuer.Length}:{issuer}{session}")}:{number}");

    private async Task EndAsync(string credential, CancellationToken cancellationToken)
    {
        await _records.EndAsync(credential, _time.GetUtcNow() + _callers.SignInLifetime, cancellationToken);
        await ForgetAsync(credential, cancellationToken);
    }
}
