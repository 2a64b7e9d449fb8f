using AgentStream.Access;
using AgentStream.Api.Http.Bodies;
using AgentStream.Api.Http.Description;
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

        var refusal = !authorizeResult.Forbidden ? CallerRefusals.Unauthenticated
            : IsBeyondItsLink(context) ? CallerRefusals.NoSuchSession
            : CallerRefusals.Forbidden;
        return new ProblemResult(refusal).ExecuteAsync(context);
    }

    // To who has a link to one session, nothing else is there.
    private static bool IsBeyondItsLink(HttpContext context)
        => context.GetCaller()?.Shared is { } shared && context.GetRouteValue(RouteIds.Session) as string != shared.Id.Value;
}
