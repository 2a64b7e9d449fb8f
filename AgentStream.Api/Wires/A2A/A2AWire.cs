using AgentStream.Access;
using AgentStream.Api.Http.Description;

namespace AgentStream.Api.Wires.A2A;

/// <summary>A2A over JSON-RPC: other agents find an agent by its card, and give it tasks.</summary>
internal sealed class A2AWire : IWire
{
    public const string Version = "1.0";
    public const string VersionHeader = "A2A-Version";

    private const string Card = "/.well-known/agent-card.json";
    private const string Root = "/a2a";
    private const string Tag = "A2A";

    public IReadOnlyList<PathString> Paths { get; } = [Root, Card];

    public IReadOnlyList<string> RequestHeaders { get; } = [VersionHeader, "A2A-Extensions"];

    public bool IsOn(WiresOptions options) => options.A2A;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapRead(Card, A2AEndpoints.DefaultCardAsync)
            .WithName("ReadDefaultAgentCard").WithTags(Tag)
            .WithSummary("The card of the agent that is asked where a message names none")
            .Produces<A2ACard>()
            .WithErrors(A2AErrors.Shape, 403, 404, 503);
        var agent = routes.MapGroup($"{Root}/{{agent}}");
        agent.MapRead(Card, A2AEndpoints.CardAsync)
            .WithName("ReadAgentCard").WithTags(Tag)
            .WithSummary("The card of an agent: its address, and what it can do")
            .Produces<A2ACard>()
            .WithErrors(A2AErrors.Shape, 403, 404, 503);
        agent.MapPost("", A2AEndpoints.PostAsync)
            .RequireAuthorization(AccessPolicies.Chat)
            .WithName("SendOverA2A").WithTags(Tag)
            .WithSummary("Takes a request of A2A: a message, a question about a task, a cancel, a subscription")
            .WithDescription("JSON-RPC in; an answer, or a stream of answers. docs/wires-agents.md.")
            .Accepts<object>("application/json")
            .Produces<string>(StatusCodes.Status200OK, "text/event-stream")
            .WithErrors(A2AErrors.Shape, 400, 403, 413, 415, 429, 503)
            .DisableHttpMetrics();
    }
}
