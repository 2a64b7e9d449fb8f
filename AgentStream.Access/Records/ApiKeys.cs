namespace AgentStream.Access.Records;

/// <summary>Makes and revokes API keys.</summary>
internal sealed class ApiKeys(IAccessStore store, TimeProvider time)
{
    /// <summary>The text of a new key, which nobody can find out again; <c>null</c>: there is a key of that name.</summary>
    public async Task<string?> AddAsync(string name, Scopes scopes, TimeSpan? lifetime, CancellationToken cancellationToken)
    {
        if (await FindAsync(name, cancellationToken) is not null)
        {
            return null;
        }

        var text = ApiKeyText.New();
        var now = time.GetUtcNow();
        var key = new ApiKey
        {
            Id = RandomText.New(9),
            Name = name,
            Hash = SecretHash.Of(text),
            Scopes = scopes,
            Created = now,
            Expires = now + lifetime,
        };
        await store.AddAsync(key, cancellationToken);
        return text;
    }

    /// <summary>The keys that there are, those that have expired included.</summary>
    public async Task<IReadOnlyList<ApiKey>> ListAsync(CancellationToken cancellationToken)
        => [.. (await store.LoadAsync(cancellationToken)).Keys.OrderBy(key => key.Name, StringComparer.Ordinal)];

    /// <summary>Removes a key, and has every server close what was opened with it. False: there is none of that name.</summary>
    public async Task<bool> RevokeAsync(string name, CancellationToken cancellationToken)
    {
        if (await FindAsync(name, cancellationToken) is not { } key)
        {
            return false;
        }

        await store.RemoveAsync(key, cancellationToken);
        await store.AddAsync(EndedCredentials.One(ApiKey.CredentialOf(key.Id), key.Expires, time.GetUtcNow()), cancellationToken);
        return true;
    }

    private async Task<ApiKey?> FindAsync(string name, CancellationToken cancellationToken)
        => (await store.LoadAsync(cancellationToken)).Keys.FirstOrDefault(key => key.Name == name);
}
