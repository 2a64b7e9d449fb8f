namespace AgentStream.Access.Records;

/// <summary>An API key as it is kept: its text itself is known to nobody but whoever was given it.</summary>
internal sealed record ApiKey
{
    /// <summary>Names the key in lists and commands.</summary>
    public required string Id { get; init; }

    /// <summary>Chosen by who made it; owns what is done with the key, also after another of the same name replaced it.</summary>
    public required string Name { get; init; }

    /// <summary>SHA-256 of its text, which is random and long: nothing slower is needed.</summary>
    public required string Hash { get; init; }

    public required Scopes Scopes { get; init; }

    public required DateTimeOffset Created { get; init; }

    public DateTimeOffset? Expires { get; init; }

    public Caller ToCaller() => new(PrincipalIds.OfName("key", Name), Name, Scopes, CredentialOf(Id), Created, Expires);

    public static string CredentialOf(string id) => $"key:{id}";
}
