namespace AgentStream.Access.Records;

/// <summary>Where credentials are kept that all servers must agree on: in Redis, or beside the embedded store.</summary>
internal interface IAccessStore
{
    /// <summary>Another text after each change.</summary>
    Task<string> VersionAsync(CancellationToken cancellationToken);

    Task<AccessContent> LoadAsync(CancellationToken cancellationToken);

    Task AddAsync(ApiKey key, CancellationToken cancellationToken);

    Task RemoveAsync(ApiKey key, CancellationToken cancellationToken);

    /// <summary>Adds a link, and forgets those that have ended by themselves.</summary>
    Task AddAsync(ShareLink link, CancellationToken cancellationToken);

    Task RemoveAsync(ShareLink link, CancellationToken cancellationToken);

    Task AddAsync(EndedCredentials ended, CancellationToken cancellationToken);

    /// <summary>Takes something that can be taken once; false: somebody has.</summary>
    /// <param name="nonce">What names it.</param>
    /// <param name="lifetime">The time after which nobody asks for it any more.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<bool> TryTakeAsync(string nonce, TimeSpan lifetime, CancellationToken cancellationToken);

    /// <summary>Lets something be taken again, before its time is over. For who has taken it.</summary>
    Task GiveBackAsync(string nonce, CancellationToken cancellationToken);

    /// <summary>Keeps a text under a name for some time, in place of what was there. Nobody but who knows the name looks for it.</summary>
    Task KeepAsync(string name, string text, TimeSpan lifetime, CancellationToken cancellationToken);

    /// <summary>What was kept; <c>null</c>: nothing, or not any more.</summary>
    Task<string?> FindKeptAsync(string name, CancellationToken cancellationToken);

    Task ForgetAsync(string name, CancellationToken cancellationToken);
}
