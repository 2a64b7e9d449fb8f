using AgentStream.Access;
using AgentStream.Api.Http.Bodies;

namespace AgentStream.Api.Http.Description;

/// <summary>Describes endpoints in the API's description.</summary>
internal static class EndpointMetadata
{
    private static readonly string[] ReadMethods = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>Maps what can be read: <c>GET</c>, and <c>HEAD</c> for who wants to know about it only.</summary>
    public static RouteHandlerBuilder MapRead(this IEndpointRouteBuilder routes, string pattern, Delegate handler)
        => routes.MapMethods(pattern, ReadMethods, handler).RequireAuthorization(AccessPolicies.Read);

    /// <summary>Says with which statuses an endpoint answers problem details.</summary>
    public static TBuilder WithProblems<TBuilder>(this TBuilder builder, params ReadOnlySpan<int> statuses)
        where TBuilder : IEndpointConventionBuilder
    {
        // Where people are asked who they are, any endpoint may answer the first.
        foreach (var status in (int[])[StatusCodes.Status401Unauthorized, .. statuses])
        {
            var metadata = new ProducesResponseTypeMetadata(status, typeof(Problem), ["application/problem+json"]);
            builder.Add(endpoint => endpoint.Metadata.Add(metadata));
        }

        return builder;
    }
}
