using AgentStream.Access;
using AgentStream.Api.Http.Description;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace AgentStream.Api.Wires.Mcp;

/// <summary>MCP over Streamable HTTP, as a server: an agent is a tool.</summary>
internal sealed class McpWire : IWire
{
    private const string Root = "/mcp";
    private const string Tag = "MCP";

    public IReadOnlyList<PathString> Paths { get; } = [Root];

    public IReadOnlyList<string> RequestHeaders { get; } =
        [McpSession.Header, McpRevision.Header, McpRequest.MethodHeader, McpRequest.NameHeader];

    public IReadOnlyList<string> ResponseHeaders { get; } = [McpSession.Header];

    public bool IsOn(WiresOptions options) => options.Mcp;

    public void Add(IServiceCollection services) => services.TryAddSingleton<McpCalls>();

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost(Root, McpEndpoints.PostAsync)
            .RequireAuthorization(AccessPolicies.Chat)
            .WithName("CallOverMcp").WithTags(Tag)
            .WithSummary("Takes a message of MCP: lists the agents as tools, calls one, cancels a call")
            .WithDescription("JSON-RPC in; an answer, or a stream of progress with the answer at its end. docs/wires-agents.md.")
            .Accepts<object>("application/json")
            .Produces<string>(StatusCodes.Status200OK, "text/event-stream")
            .Produces(StatusCodes.Status202Accepted)
            .WithErrors(McpErrors.Shape, 400, 403, 404, 406, 413, 415, 429, 503)
            .DisableHttpMetrics();
        routes.MapGet(Root, McpEndpoints.GetAsync)
            .RequireAuthorization(AccessPolicies.Chat)
            .WithName("ResumeOverMcp").WithTags(Tag)
            .WithSummary("Goes on with the answer to a call after the event Last-Event-ID")
            .Produces<string>(StatusCodes.Status200OK, "text/event-stream")
            .WithErrors(McpErrors.Shape, 400, 403, 404, 405, 429, 503)
            .DisableHttpMetrics();
    }
}
