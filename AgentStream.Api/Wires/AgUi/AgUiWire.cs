using AgentStream.Access;
using AgentStream.Api.Http.Description;

namespace AgentStream.Api.Wires.AgUi;

/// <summary>AG-UI 1.0 over Server-Sent Events, for <c>HttpAgent</c> of <c>@ag-ui/client</c> as it is.</summary>
internal sealed class AgUiWire : IWire
{
    private const string Tag = "AG-UI";

    public IReadOnlyList<PathString> Paths { get; } = ["/ag-ui"];

    public bool IsOn(WiresOptions options) => options.AgUi;

    public void Map(IEndpointRouteBuilder routes)
    {
        var wire = routes.MapGroup("/ag-ui/{agent}");
        wire.MapPost("", AgUiEndpoints.RunAsync)
            .RequireAuthorization(AccessPolicies.Chat)
            .WithName("RunOverAgUi").WithTags(Tag)
            .WithSummary("Runs an agent, joins a run that is under way, or answers its interrupts")
            .WithDescription("RunAgentInput in, the events of AG-UI out. The same runId again follows the same run: docs/wires.md.")
            .Accepts<object>("application/json")
            .Produces<string>(StatusCodes.Status200OK, "text/event-stream")
            .WithErrors(AgUiErrors.Shape, 400, 403, 404, 409, 413, 415, 429, 503)
            .DisableHttpMetrics();
        wire.MapRead("/connect/{session_id}", AgUiEndpoints.ConnectAsync)
            .WithName("ConnectOverAgUi").WithTags(Tag)
            .WithSummary("The conversation of a thread, and what comes of the run that is under way in it")
            .Produces<string>(StatusCodes.Status200OK, "text/event-stream")
            .WithErrors(AgUiErrors.Shape, 400, 403, 404, 429, 503)
            .DisableHttpMetrics();
        wire.MapPost("/stop/{session_id}", AgUiEndpoints.StopAsync)
            .RequireAuthorization(AccessPolicies.Chat)
            .WithName("StopOverAgUi").WithTags(Tag)
            .WithSummary("Cancels the run that is under way in a thread")
            .Produces<string>(StatusCodes.Status202Accepted, "application/json")
            .WithErrors(AgUiErrors.Shape, 400, 403, 404, 409, 503);
    }
}
