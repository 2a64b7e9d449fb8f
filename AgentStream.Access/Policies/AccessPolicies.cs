using Microsoft.AspNetCore.Authorization;

namespace AgentStream.Access;

/// <summary>The names of the policies, for <c>RequireAuthorization</c>: one for each scope.</summary>
internal static class AccessPolicies
{
    public const string Read = "AgentStream.Read";
    public const string Chat = "AgentStream.Chat";
    public const string Approve = "AgentStream.Approve";
    public const string Admin = "AgentStream.Admin";

    internal static void Add(AuthorizationOptions options)
    {
        foreach (var (name, scope) in new[]
            { (Read, Scopes.Read), (Chat, Scopes.Chat), (Approve, Scopes.Approve), (Admin, Scopes.Admin) })
        {
            options.AddPolicy(name, policy => policy.AddRequirements(new ScopeRequirement(scope)));
        }
    }
}
