using AgentStream.Api.Commands;
using AgentStream.Api.Http.Bodies;
using AgentStream.Api.Http.Description;
using AgentStream.Api.Wires.Runs;
using AgentStream.Messaging.Protocol;
using Microsoft.AspNetCore.Mvc;

namespace AgentStream.Api.Wires.OpenAI;

/// <summary><c>GET /v1/models</c>: an agent is a model.</summary>
internal static class ModelEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapRead("/models", ListAsync)
            .WithName("ListModels").WithTags(OpenAIWire.Tag)
            .WithSummary("Lists the agents, as models")
            .Produces<ModelListBody>()
            .WithErrors(403, 503);
        routes.MapRead("/models/{model}", ReadAsync)
            .WithName("ReadModel").WithTags(OpenAIWire.Tag)
            .WithSummary("Reads an agent, as a model")
            .Produces<ModelBody>()
            .WithErrors(403, 404, 503);
    }

    private static async Task<IResult> ListAsync(WireCommands commands, CancellationToken cancellationToken)
    {
        var agents = await commands.AgentsAsync(cancellationToken);
        return ApiResults.Json(new ModelListBody { Data = [.. agents.Select(ModelBody.Of)] }, OpenAIJson.Wire.ModelListBody);
    }

    private static async Task<IResult> ReadAsync(
        [FromRoute(Name = "model")] string model, WireCommands commands, CancellationToken cancellationToken)
    {
        var agents = await commands.AgentsAsync(cancellationToken);
        return agents.FirstOrDefault(agent => agent.Name == model) is { } found
            ? ApiResults.Json(ModelBody.Of(found), OpenAIJson.Wire.ModelBody)
            : ApiResults.Refused(new Refusal(
                ErrorCodes.UnknownAgent, "There is no such agent: GET /v1/models lists those that there are.", Param: "model"));
    }
}
