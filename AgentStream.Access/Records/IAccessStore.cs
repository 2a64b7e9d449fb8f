namespace AgentStream.Access.Records;

/// <summary>Where credentials are kept that all servers must agree on: in Redis, or beside the embedded store.</summary>
internal interface IAccessStore
{
    /// <summary>Another text after each change.</summary>
    Task<string> VersionAsync(CancellationToken cancellationToken);

    Task<AccessContent> LoadAsync(CancellationToken cancellationToken);

    Task AddAsync(ApiKey key, CancellationToken cancellationToken);

    Task RemoveAsync(ApiKey key, CancellationToken cancellationToken);

    Task AddAsync(EndedCredentials ended, CancellationToken cancellationToken);

    /// <summary>Takes something that can be taken once; false: somebody has.</summary>
    /// <param name="nonce">What names it.</param>
    /// <param name="lifetime">The time after which nobody asks for it any more.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<bool> TryTakeAsync(string nonce, TimeSpan lifetime, CancellationToken cancellationToken);
}
