using AgentStream.Access.Records;
using AgentStream.Messaging;

namespace AgentStream.Access;

/// <summary>Ends sign-ins before their time; every server refuses them, and closes what was opened with them, within seconds.</summary>
internal sealed class SignIns
{
    private readonly AccessRecords _records;
    private readonly ProviderGrants _grants;

    internal SignIns(AccessRecords records, ProviderGrants grants) => (_records, _grants) = (records, grants);

    /// <summary>
    /// Ends the one sign-in (or key, or token) by which somebody was recognised; of whom a proxy recognises, all that is open by now.
    /// </summary>
    public async Task EndAsync(Caller caller, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.IsKnownByProxy)
        {
            await _records.EndAllAsync(caller.Id, cancellationToken);
            return;
        }

        await _records.EndAsync(caller.Credential, caller.Expires, cancellationToken);
        if (caller.HasSignedIn)
        {
            await _grants.ForgetAsync(caller.Credential, cancellationToken);
        }
    }

    /// <summary>Ends all sign-ins that somebody has by now: they lost a role, or something of theirs.</summary>
    public Task EndAllAsync(PrincipalId principal, CancellationToken cancellationToken)
        => _records.EndAllAsync(principal, cancellationToken);
}
