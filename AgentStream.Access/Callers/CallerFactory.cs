using AgentStream.Messaging;
using Microsoft.Extensions.Options;

namespace AgentStream.Access;

/// <summary>Makes callers of people whom a way has recognised.</summary>
internal sealed class CallerFactory(IOptions<AccessOptions> options, TimeProvider time)
{
    private readonly RoleScopes _roles = RoleScopes.Parse(options.Value.Roles)!;

    /// <summary>The time for which a sign-in holds.</summary>
    internal TimeSpan SignInLifetime => options.Value.SignInLifetime;

    /// <summary>Somebody who has just signed in at a page of ours.</summary>
    public Caller SignIn(PrincipalId id, string name, IEnumerable<string> roles)
    {
        var now = time.GetUtcNow();
        return new Caller(id, name, ScopesOf(roles), Caller.SignInPrefix + RandomText.New(), now, now + options.Value.SignInLifetime);
    }

    /// <summary>What somebody of these roles may do.</summary>
    public Scopes ScopesOf(IEnumerable<string> roles) => _roles.Of(roles);
}
