using AgentStream.Access;
using AgentStream.Api.Http.Description;

namespace AgentStream.Api.Wires.UiMessages;

/// <summary>
/// The UI message stream of the Vercel AI SDK, for <c>DefaultChatTransport</c> of <c>ai</c> 6 and 7 and <c>WebSocketChatTransport</c>
/// of 7 as they are.
/// </summary>
internal sealed class UiMessageWire : IWire
{
    private const string Tag = "UI message stream";
    private static readonly string[] SocketMethods = [HttpMethods.Get, HttpMethods.Connect];

    /// <summary>None of its own: it is below the API's. The socket is where a browser's cookie counts with an origin only.</summary>
    public IReadOnlyList<PathString> Paths { get; } = [];

    public bool IsOn(WiresOptions options) => options.UiMessageStream;

    public void Map(IEndpointRouteBuilder routes)
    {
        var wire = routes.MapGroup("/api/chat");
        wire.MapPost("", UiMessageEndpoints.PostAsync)
            .RequireAuthorization(AccessPolicies.Chat)
            .WithName("ChatOverUiMessages").WithTags(Tag)
            .WithSummary("Takes a message, or answers to tool calls, and streams the answer")
            .WithDescription("The body of the AI SDK's chat in, its chunks out: docs/wires.md.")
            .Accepts<object>("application/json")
            .Produces<string>(StatusCodes.Status200OK, "text/event-stream")
            .WithErrors(UiMessageErrors.Shape, 400, 403, 404, 409, 413, 415, 429, 503)
            .DisableHttpMetrics();
        routes.MapMethods("/ws/ui-messages", SocketMethods, UiSocketEndpoint.HandleAsync)
            .RequireAuthorization(AccessPolicies.Chat)
            .WithName("ChatOverUiMessageSocket").WithTags(Tag)
            .WithSummary("A WebSocket of chats, for WebSocketChatTransport")
            .WithDescription("The frames of the AI SDK's transport: docs/wires.md.")
            .Produces(StatusCodes.Status101SwitchingProtocols)
            .WithErrors(UiMessageErrors.Shape, 403, 426, 429, 503)
            .DisableHttpMetrics();
        wire.MapRead("/{session_id}/stream", UiMessageEndpoints.ResumeAsync)
            .WithName("ResumeOverUiMessages").WithTags(Tag)
            .WithSummary("The answer that is under way, from its first chunk")
            .Produces<string>(StatusCodes.Status200OK, "text/event-stream")
            .Produces(StatusCodes.Status204NoContent)
            .WithErrors(UiMessageErrors.Shape, 400, 403, 429, 503)
            .DisableHttpMetrics();
        wire.MapPost("/{session_id}/stop", UiMessageEndpoints.StopAsync)
            .RequireAuthorization(AccessPolicies.Chat)
            .WithName("StopOverUiMessages").WithTags(Tag)
            .WithSummary("Cancels the run that is under way in a chat")
            .Produces(StatusCodes.Status204NoContent)
            .WithErrors(UiMessageErrors.Shape, 400, 403, 404, 409, 503);
    }
}
