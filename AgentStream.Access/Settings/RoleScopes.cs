namespace AgentStream.Access;

/// <summary>What roles allow, as <see cref="AccessOptions.Roles"/> says it.</summary>
internal sealed class RoleScopes
{
    private const string Everybody = "*";
    private const Scopes ByDefault = Scopes.Read | Scopes.Chat | Scopes.Approve;

    private readonly Dictionary<string, Scopes> _roles = new(StringComparer.OrdinalIgnoreCase);

    private RoleScopes()
    {
    }

    /// <summary>Reads <c>admins: read chat approve admin; viewers: read</c>. <c>null</c>: it can't be read.</summary>
    public static RoleScopes? Parse(string text)
    {
        var result = new RoleScopes();
        foreach (var part in text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            // A role may have colons of its own; scopes have none.
            var colon = part.LastIndexOf(':');
            if (colon <= 0
                || ScopeNames.Parse(part[(colon + 1)..]) is not { } scopes
                || !result._roles.TryAdd(part[..colon].Trim(), scopes))
            {
                return null;
            }
        }

        return result;
    }

    /// <summary>What somebody of these roles may do.</summary>
    public Scopes Of(IEnumerable<string> roles)
        => _roles.Count == 0
            ? ByDefault
            : roles.Append(Everybody).Aggregate(Scopes.None, (all, role) => all | _roles.GetValueOrDefault(role.Trim()));
}
