using System.Globalization;
using AgentStream.Access.Records;
using AgentStream.Messaging;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AgentStream.Access.Providers;

/// <summary>
/// Asks the provider whether people who are signed in still have their roles, and ends what they have open, on every server,
/// where one is gone.
/// </summary>
internal sealed partial class ProviderRoles(
    ProviderClient client, ProviderGrants grants, IAccessStore store, AccessRecords records, CallerFactory callers,
    IOptions<OpenIdConnectAccessOptions> provider, TimeProvider time, ILogger<ProviderRoles> logger)
{
    /// <summary>A refresh token may be good for one use: who uses it is waited for, and is not cut short.</summary>
    private static readonly TimeSpan RenewalPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RenewalTurn = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan RenewBefore = TimeSpan.FromSeconds(5);

    private int _isAway;

    /// <summary>Asks about one sign-in, and draws the consequences.</summary>
    public async Task CheckAsync(Caller caller, CancellationToken cancellationToken)
    {
        if (await grants.FindAsync(caller.Credential, cancellationToken) is not { } grant)
        {
            // Nothing can be asked with: no sign-in at a provider, or at one that says nothing of roles.
            return;
        }

        var (standing, roles) = await StandingAsync(caller, grant, cancellationToken);
        switch (standing)
        {
            case Standing.Known:
                await KeepOrEndAsync(caller, grant, roles, cancellationToken);
                break;

            case Standing.Refused:
                LogRefused(caller.Id);
                await EndAsync(caller, cancellationToken);
                break;

            case Standing.Unanswered:
                await BearWithAsync(caller, cancellationToken);
                break;

            default:
                // Another server gets a token: the next look has it.
                break;
        }
    }

    private async Task<(Standing? Standing, IReadOnlyList<string> Roles)> StandingAsync(
        Caller caller, ProviderGrant grant, CancellationToken cancellationToken)
    {
        var mayRenew = true;
        if (grant.AccessTokenExpires - RenewBefore <= time.GetUtcNow())
        {
            (var renewal, grant) = await RenewAsync(caller, grant, cancellationToken);
            if (renewal != Standing.Known)
            {
                return (renewal, []);
            }

            mayRenew = false;
        }

        var answer = await client.AskAsync(grant, PatienceOfOne, cancellationToken);
        if (answer.Standing != Standing.Refused || !mayRenew || grant.RefreshToken is null)
        {
            // A token of which nobody said how long it is good may just have come to its end.
            return answer.Standing == Standing.Refused && grant is { AccessTokenExpires: null, RefreshToken: null }
                ? (Standing.Unanswered, [])
                : answer;
        }

        // Perhaps the token alone is gone.
        (var again, grant) = await RenewAsync(caller, grant, cancellationToken);
        return again == Standing.Known ? await client.AskAsync(grant, PatienceOfOne, cancellationToken) : (again, []);
    }

    private async Task<(Standing? Standing, ProviderGrant Grant)> RenewAsync(
        Caller caller, ProviderGrant grant, CancellationToken cancellationToken)
    {
        if (grant.RefreshToken is null)
        {
            return (Standing.Unanswered, grant);
        }

        var turn = $"renew:{caller.Credential}";
        if (!await store.TryTakeAsync(turn, RenewalTurn, cancellationToken))
        {
            return (null, grant);
        }

        var (standing, renewed) = await client.RenewAsync(grant, RenewalPatience, cancellationToken);
        if (standing == Standing.Known)
        {
            // Not to be cancelled: the one before may be good for nothing by now.
            await grants.KeepAsync(caller.Credential, renewed, CancellationToken.None);
        }

        await store.GiveBackAsync(turn, CancellationToken.None);
        return (standing, renewed);
    }

    private async Task KeepOrEndAsync(
        Caller caller, ProviderGrant grant, IReadOnlyList<string> roles, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _isAway, 0) != 0)
        {
            LogBack();
        }

        var lost = grant.Scopes & ~callers.ScopesOf(roles);
        if (lost != Scopes.None)
        {
            // Of all that this person has open, wherever and however they were recognised.
            LogLost(caller.Id, ScopeNames.Write(lost));
            await records.EndAllAsync(caller.Id, cancellationToken);
            await EndAsync(caller, cancellationToken);
        }
        else if (await store.FindKeptAsync(UnansweredSince(caller), cancellationToken) is not null)
        {
            await store.ForgetAsync(UnansweredSince(caller), cancellationToken);
        }
    }

    private async Task BearWithAsync(Caller caller, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _isAway, 1) == 0)
        {
            LogAway(provider.Value.RoleCheckPatience);
        }

        var now = time.GetUtcNow();
        if (await store.FindKeptAsync(UnansweredSince(caller), cancellationToken) is { } text
            && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var since))
        {
            if (now - DateTimeOffset.FromUnixTimeMilliseconds(since) >= provider.Value.RoleCheckPatience)
            {
                LogPatienceIsOver(caller.Id);
                await EndAsync(caller, cancellationToken);
            }
        }
        else
        {
            await store.KeepAsync(
                UnansweredSince(caller), now.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture), callers.SignInLifetime,
                cancellationToken);
        }
    }

    private async Task EndAsync(Caller caller, CancellationToken cancellationToken)
    {
        await records.EndAsync(caller.Credential, caller.Expires, cancellationToken);
        await grants.ForgetAsync(caller.Credential, cancellationToken);
        await store.ForgetAsync(UnansweredSince(caller), cancellationToken);
    }

    // Shorter than what lies between two looks: who does not get an answer lets others try.
    private TimeSpan PatienceOfOne => TimeSpan.FromSeconds(Math.Clamp(provider.Value.RoleCheckInterval.TotalSeconds, 1, 10));

    private static string UnansweredSince(Caller caller) => $"unanswered:{SecretHash.Of(caller.Credential)}";

    [LoggerMessage(LogLevel.Information, "{Principal} may not {Lost} any more, says the sign-in provider: what they have open is closed")]
    private partial void LogLost(PrincipalId principal, string lost);

    [LoggerMessage(LogLevel.Information, "The sign-in provider does not know a sign-in of {Principal} any more: it is over")]
    private partial void LogRefused(PrincipalId principal);

    [LoggerMessage(
        LogLevel.Warning,
        "The sign-in provider can't be asked whether people still have their roles: it does not answer, or gave no token with which it "
            + "can be asked (offline_access among the scopes brings one). They stay signed in for {Patience}")]
    private partial void LogAway(TimeSpan patience);

    [LoggerMessage(LogLevel.Information, "The sign-in provider answers again")]
    private partial void LogBack();

    [LoggerMessage(LogLevel.Warning, "A sign-in of {Principal} is over: for too long the provider could not be asked about it")]
    private partial void LogPatienceIsOver(PrincipalId principal);
}
