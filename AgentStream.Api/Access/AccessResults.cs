using AgentStream.Api.Http.Bodies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;

namespace AgentStream.Api.Access;

/// <summary>Tells callers of the API in problem details what they lack; all others as ASP.NET Core does.</summary>
internal sealed class AccessResults : IAuthorizationMiddlewareResultHandler
{
    private readonly AuthorizationMiddlewareResultHandler _others = new();

    public Task HandleAsync(
        RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        if (authorizeResult.Succeeded || context.GetEndpoint()?.Metadata.GetMetadata<ApiEndpoint>() is null)
        {
            return _others.HandleAsync(next, context, policy, authorizeResult);
        }

        return new ProblemResult(authorizeResult.Forbidden ? CallerRefusals.Forbidden : CallerRefusals.Unauthenticated)
            .ExecuteAsync(context);
    }
}
