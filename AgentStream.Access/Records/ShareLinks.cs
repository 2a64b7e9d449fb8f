using AgentStream.Access.Records;
using AgentStream.Messaging;

namespace AgentStream.Access;

/// <summary>
/// Makes and revokes the links by which owners share sessions; whoever calls this has asked whose the session is.
/// Every server refuses a link that is gone, and closes what was opened with it, within seconds.
/// </summary>
internal sealed class ShareLinks
{
    /// <summary>The number of links that a session may have at a time.</summary>
    public const int MostOfASession = 20;

    private readonly AccessRecords _records;
    private readonly IAccessStore _store;
    private readonly TimeProvider _time;

    internal ShareLinks(AccessRecords records, IAccessStore store, TimeProvider time) => (_records, _store, _time) = (records, store, time);

    /// <summary>Makes a link.</summary>
    /// <param name="sessionId">The session that it shows.</param>
    /// <param name="owner">The session's owner.</param>
    /// <param name="lifetime">The time after which it ends; <c>null</c>: it does not end by itself.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The link and its secret, which nobody can find out again; <c>null</c>: the session has as many as it may have.</returns>
    public async Task<(ShareLink Link, string Secret)?> AddAsync(
        SessionId sessionId, PrincipalId owner, TimeSpan? lifetime, CancellationToken cancellationToken)
    {
        if ((await ListAsync(sessionId, cancellationToken)).Count >= MostOfASession)
        {
            return null;
        }

        var secret = ShareLinkText.New();
        var now = _time.GetUtcNow();
        var link = new ShareLink
        {
            Id = RandomText.New(9),
            SessionId = sessionId,
            Owner = owner,
            Hash = SecretHash.Of(secret),
            Created = now,
            Expires = now + lifetime,
        };
        await _store.AddAsync(link, cancellationToken);
        await _records.LookAsync(cancellationToken);
        return (link, secret);
    }

    /// <summary>The links of a session that have not ended, the newest first.</summary>
    public async Task<IReadOnlyList<ShareLink>> ListAsync(SessionId sessionId, CancellationToken cancellationToken)
    {
        await _records.LookAsync(cancellationToken);
        var now = _time.GetUtcNow();
        return [.. _records.LinksOf(sessionId).Where(link => !link.IsOver(now)).OrderByDescending(link => link.Created)];
    }

    /// <summary>Ends a link, everywhere. False: the session has none of that id.</summary>
    public async Task<bool> RevokeAsync(SessionId sessionId, string id, CancellationToken cancellationToken)
    {
        await _records.LookAsync(cancellationToken);
        if (_records.LinksOf(sessionId).FirstOrDefault(link => link.Id == id) is not { } found)
        {
            return false;
        }

        await _store.RemoveAsync(found, cancellationToken);
        await _records.LookAsync(cancellationToken);
        return true;
    }

    /// <summary>Ends all links that somebody has made to a session, everywhere.</summary>
    public async Task RevokeAllAsync(SessionId sessionId, PrincipalId owner, CancellationToken cancellationToken)
    {
        await _records.LookAsync(cancellationToken);
        foreach (var link in _records.LinksOf(sessionId).Where(link => link.Owner == owner))
        {
            await _store.RemoveAsync(link, cancellationToken);
        }

        await _records.LookAsync(cancellationToken);
    }
}
