using AgentStream.Api.Commands;
using AgentStream.Api.Http.Bodies;
using AgentStream.Api.Http.Description;
using AgentStream.Messaging.Agents;

namespace AgentStream.Api.Http.Endpoints;

/// <summary>The agents that can be asked.</summary>
internal static class AgentEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
        => routes.MapRead("/agents", ListAsync)
            .WithName("ListAgents").WithTags("Agents")
            .WithSummary("Lists the agents with their models and tools")
            .Produces<IReadOnlyList<AgentDescription>>()
            .WithProblems(403, 503);

    private static async Task<IResult> ListAsync(SessionCommands commands, CancellationToken cancellationToken)
        => new CompressedJsonResult<IReadOnlyList<AgentDescription>>(
            await commands.AgentsAsync(cancellationToken), ApiJson.Wire.IReadOnlyListAgentDescription);
}
