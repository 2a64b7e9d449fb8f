namespace AgentStream.Api.Access;

/// <summary>Marks the endpoints of the API: who may not use one is told so in problem details, and sent to no page.</summary>
internal sealed class ApiEndpoint
{
    private ApiEndpoint()
    {
    }

    public static ApiEndpoint Mark { get; } = new();
}
