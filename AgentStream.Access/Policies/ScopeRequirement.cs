using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;

namespace AgentStream.Access;

/// <summary>Somebody who is known and has a scope.</summary>
internal sealed record ScopeRequirement(Scopes Scope) : IAuthorizationRequirement;

/// <summary>
/// Asks the caller of the request. Where nobody is asked who they are, everybody has every scope.
/// Whoever comes by a link gets no further than <see cref="OpenToLinks"/>.
/// </summary>
internal sealed class ScopeHandler : AuthorizationHandler<ScopeRequirement>
{
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, ScopeRequirement requirement)
    {
        if (context.Resource is HttpContext http && http.GetCaller() is { } caller && caller.Has(requirement.Scope)
            && OpenToLinks.Lets(caller, http))
        {
            context.Succeed(requirement);
        }

        return Task.CompletedTask;
    }
}
