using AgentStream.Access;
using AgentStream.Api.Http.Bodies;

namespace AgentStream.Api.Http.Description;

/// <summary>Describes endpoints in the API's description.</summary>
internal static class EndpointMetadata
{
    private static readonly string[] ReadMethods = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>Maps what can be read: <c>GET</c>, and <c>HEAD</c> for who wants to know about it only.</summary>
    public static RouteHandlerBuilder MapRead(
        this IEndpointRouteBuilder routes, string pattern, Delegate handler, string policy = AccessPolicies.Read)
        => routes.MapMethods(pattern, ReadMethods, handler).RequireAuthorization(policy);

    /// <summary>Says that an endpoint shows nothing but its session, and is open to who has a link to that.</summary>
    public static TBuilder AlsoByLink<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder
        => builder.WithMetadata(new OpenToLinks(RouteIds.Session));

    /// <summary>Says with which statuses an endpoint answers problem details.</summary>
    public static TBuilder WithProblems<TBuilder>(this TBuilder builder, params ReadOnlySpan<int> statuses)
        where TBuilder : IEndpointConventionBuilder
    {
        AddErrors(builder, typeof(Problem), "application/problem+json", statuses);
        return builder;
    }

    /// <summary>Says in which shape an endpoint writes its errors, and with which statuses.</summary>
    public static TBuilder WithErrors<TBuilder>(this TBuilder builder, IErrorShape shape, params ReadOnlySpan<int> statuses)
        where TBuilder : IEndpointConventionBuilder
    {
        AddErrors(builder, typeof(string), shape.MediaType.Split(';')[0], statuses);
        return builder.WithMetadata(shape);
    }

    private static void AddErrors(IEndpointConventionBuilder builder, Type type, string mediaType, ReadOnlySpan<int> statuses)
    {
        // Where people are asked who they are, any endpoint may answer the first.
        foreach (var status in (int[])[StatusCodes.Status401Unauthorized, .. statuses])
        {
            var metadata = new ProducesResponseTypeMetadata(status, type, [mediaType]);
            builder.Add(endpoint => endpoint.Metadata.Add(metadata));
        }
    }
}
