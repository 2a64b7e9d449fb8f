namespace AgentStream.Api.Http;

/// <summary>What endpoints say of themselves in the API's description.</summary>
internal static class EndpointMetadata
{
    /// <summary>Says with which statuses an endpoint answers problem details.</summary>
    public static TBuilder WithProblems<TBuilder>(this TBuilder builder, params ReadOnlySpan<int> statuses)
        where TBuilder : IEndpointConventionBuilder
    {
        foreach (var status in statuses)
        {
            var metadata = new ProducesResponseTypeMetadata(status, typeof(Problem), ["application/problem+json"]);
            builder.Add(endpoint => endpoint.Metadata.Add(metadata));
        }

        return builder;
    }
}
