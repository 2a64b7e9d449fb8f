using AgentStream.Access;
using AgentStream.Api.Http.Description;

namespace AgentStream.Api.Wires.LangGraph;

/// <summary>The part of LangGraph's API that streams, for the clients of <c>@langchain/langgraph-sdk</c> as they are.</summary>
internal sealed class LangGraphWire : IWire
{
    private const string Root = "/threads";
    private const string Tag = "LangGraph";
    private const string EventStream = "text/event-stream";

    public IReadOnlyList<PathString> Paths { get; } = [Root];

    // Sent where the SDK finds a key in its surroundings. Keys of ours come as Authorization.
    public IReadOnlyList<string> RequestHeaders { get; } = ["X-Api-Key"];

    public IReadOnlyList<string> ResponseHeaders { get; } = ["Content-Location"];

    public IReadOnlyList<string> RepeatedParameters { get; } = ["stream_mode"];

    public bool IsOn(WiresOptions options) => options.LangGraph;

    public void Map(IEndpointRouteBuilder routes)
    {
        var threads = routes.MapGroup(Root);
        MapThreads(threads);
        var runs = threads.MapGroup("/{session_id}/runs");
        Describe(Post(runs, "/stream", LangGraphEndpoints.StreamAsync), "StreamLangGraphRun")
            .WithSummary("Runs an agent, or answers what a run asks, and streams the run")
            .WithDescription("The SDK's runs.stream: docs/wires.md.")
            .Produces<string>(200, EventStream).DisableHttpMetrics();
        Describe(Post(runs, "", LangGraphEndpoints.CreateAsync), "CreateLangGraphRun")
            .WithSummary("Runs an agent, and does not wait").Produces<LangGraphRun>();
        Describe(Post(runs, "/wait", LangGraphEndpoints.WaitAsync), "WaitForLangGraphRun")
            .WithSummary("Runs an agent, and answers when it is done").Produces<LangGraphValues>();
        Describe(runs.MapRead("", LangGraphEndpoints.ListAsync), "ListLangGraphRuns")
            .WithSummary("Lists the newest runs of a thread").Produces<LangGraphRun[]>();
        Describe(runs.MapRead("/{run_id}", LangGraphEndpoints.ReadAsync), "ReadLangGraphRun")
            .WithSummary("Reads how a run stands").Produces<LangGraphRun>();
        Describe(runs.MapRead("/{run_id}/stream", LangGraphEndpoints.JoinStreamAsync), "JoinLangGraphStream")
            .WithSummary("Streams a run, from its first event or after Last-Event-ID")
            .Produces<string>(200, EventStream).DisableHttpMetrics();
        Describe(runs.MapRead("/{run_id}/join", LangGraphEndpoints.JoinAsync), "JoinLangGraphRun")
            .WithSummary("Answers when a run is done").Produces<LangGraphValues>();
        Describe(
            runs.MapPost("/{run_id}/cancel", LangGraphEndpoints.CancelAsync).RequireAuthorization(AccessPolicies.Chat),
            "CancelLangGraphRun")
            .WithSummary("Cancels a run").Produces(204);
    }

    private static void MapThreads(RouteGroupBuilder threads)
    {
        Describe(Post(threads, "", LangGraphThreads.CreateAsync), "CreateLangGraphThread")
            .WithSummary("Names a thread").Produces<LangGraphThread>();
        Describe(threads.MapRead("/{session_id}", LangGraphThreads.ReadAsync), "ReadLangGraphThread")
            .WithSummary("Reads a thread").Produces<LangGraphThread>();
        Describe(threads.MapRead("/{session_id}/state", LangGraphThreads.StateAsync), "ReadLangGraphState")
            .WithSummary("Reads the state of a thread: its messages").Produces<LangGraphState>();
        Describe(
            threads.MapPost("/{session_id}/history", LangGraphThreads.HistoryAsync).RequireAuthorization(AccessPolicies.Read)
                .Accepts<object>("application/json"),
            "ReadLangGraphHistory")
            .WithSummary("Reads the states of a thread after each of its runs").Produces<LangGraphState[]>();
    }

    private static RouteHandlerBuilder Post(IEndpointRouteBuilder routes, string pattern, Delegate handler)
        => routes.MapPost(pattern, handler).RequireAuthorization(AccessPolicies.Chat).Accepts<object>("application/json");

    private static RouteHandlerBuilder Describe(RouteHandlerBuilder route, string name)
        => route.WithName(name).WithTags(Tag).WithErrors(LangGraphErrors.Shape, 400, 403, 404, 409, 413, 415, 429, 503);
}
