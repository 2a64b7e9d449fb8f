using AgentStream.Access;
using AgentStream.Api.Connections;
using AgentStream.Api.Http.Description;
using AgentStream.Api.ServerSentEvents;
using AgentStream.Messaging;
using Microsoft.AspNetCore.Mvc;

namespace AgentStream.Api.Http.Endpoints;

/// <summary>The two wires that stay open.</summary>
internal static class StreamEndpoints
{
    private const string Tag = "Events";

    // Over HTTP/2, which browsers speak wherever there is TLS, a socket is opened with CONNECT (RFC 8441).
    private static readonly string[] SocketMethods = [HttpMethods.Get, HttpMethods.Connect];

    /// <summary>Catches every path below, so that an id with a slash is told to be a bad id.</summary>
    public static void MapSocket(IEndpointRouteBuilder routes)
        => routes.MapMethods("/ws/chat/{**session_id}", SocketMethods, SocketAsync)
            .RequireAuthorization(AccessPolicies.Read)
            .WithName("Chat").WithTags(Tag)
            .WithSummary("A WebSocket that carries a session's events and takes its commands")
            .WithDescription("Frames and close codes: docs/protocol.md. after and epoch resume after an offset.")
            .Produces(StatusCodes.Status101SwitchingProtocols)
            .WithCursor()
            .WithProblems(400, 403, 404, 426, 429, 503)
            .AlsoByLink()
            .DisableHttpMetrics();

    public static void MapEvents(IEndpointRouteBuilder routes)
        => routes.MapRead("/{session_id}/events", EventsAsync)
            .WithName("FollowSession").WithTags(Tag)
            .WithSummary("The events of a session as Server-Sent Events")
            .WithDescription(
                "The events of the socket, one each: event is the type, id is epoch:seq, data is the frame. Last-Event-ID, or after and "
                    + "epoch, resume after an offset.")
            .Produces<string>(StatusCodes.Status200OK, "text/event-stream")
            .WithCursor()
            .WithLastEventId()
            .WithProblems(400, 403, 404, 429, 503)
            .AlsoByLink()
            .DisableHttpMetrics();

    private static Task<IResult> SocketAsync(
        HttpContext context, [FromRoute(Name = RouteIds.Session)] SessionId sessionId, ChatSocketEndpoint endpoint)
        => endpoint.HandleAsync(context, sessionId);

    private static Task<IResult> EventsAsync(
        HttpContext context, [FromRoute(Name = RouteIds.Session)] SessionId sessionId, EventStreamEndpoint endpoint)
        => endpoint.HandleAsync(context, sessionId);
}
