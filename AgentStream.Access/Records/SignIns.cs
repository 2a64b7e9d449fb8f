using AgentStream.Access.Records;
using AgentStream.Messaging;

namespace AgentStream.Access;

/// <summary>Ends sign-ins before their time; every server refuses them, and closes what was opened with them, within seconds.</summary>
public sealed class SignIns
{
    private readonly AccessRecords _records;

    internal SignIns(AccessRecords records) => _records = records;

    /// <summary>
    /// Ends the one sign-in (or key, or token) by which somebody was recognised; of whom a proxy recognises, all that is open by now.
    /// </summary>
    public Task EndAsync(Caller caller, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return caller.Credential == caller.Id.Value
            ? _records.EndAllAsync(caller.Id, cancellationToken)
            : _records.EndAsync(caller.Credential, caller.Expires, cancellationToken);
    }

    /// <summary>Ends all sign-ins that somebody has by now: they lost a role, or something of theirs.</summary>
    public Task EndAllAsync(PrincipalId principal, CancellationToken cancellationToken)
        => _records.EndAllAsync(principal, cancellationToken);
}
