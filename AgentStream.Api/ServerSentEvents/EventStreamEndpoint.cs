using System.Text;
using AgentStream.Api.Access;
using AgentStream.Api.Commands;
using AgentStream.Api.Delivery;
using AgentStream.Api.Http.Bodies;
using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.ServiceDefaults;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace AgentStream.Api.ServerSentEvents;

/// <summary><c>GET /api/sessions/{session_id}/events</c>: what the socket says, as Server-Sent Events.</summary>
internal sealed partial class EventStreamEndpoint(
    SessionBroadcasts sessions,
    ConnectionPlaces places,
    TimeProvider time,
    ILogger<EventStreamEndpoint> logger)
{
    private const string LastEventId = "Last-Event-ID";
    private const string MediaType = "text/event-stream; charset=utf-8";
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    public async Task<IResult> HandleAsync(HttpContext context, SessionId sessionId)
    {
        if (CursorOf(context.Request, out var cursor) is { } invalid)
        {
            return new ProblemResult(invalid);
        }

        if (places.Take(context).IsRefused(out var full, out var taken))
        {
            return ForNow(context, new ProblemResult(full), full.Message);
        }

        using var place = taken;
        Answer<Opening> opened;
        try
        {
            opened = await sessions.OpenAsync(SessionAccess.CallerOf(context), sessionId, cursor, context.RequestAborted);
        }
        catch (StoreUnavailableException exception) when (AsksForEvents(context.Request))
        {
            LogStoreUnavailable(exception, sessionId);
            return ForNow(
                context, ProblemResult.StoreUnavailable,
                "The session store can't be reached: come back in a little while. Nothing that was accepted is lost.");
        }

        if (opened.IsRefused(out var refusal, out var opening))
        {
            return new ProblemResult(refusal);
        }

        await using (opening)
        {
            Prepare(context);
            if (HttpMethods.IsHead(context.Request.Method))
            {
                return Results.Empty;
            }

            RequestSpans.Drop(context);
            var connection = new EventStreamConnection(context, opening, ComeBackIn, time, logger);
            place.Occupy(connection, SessionAccess.CallerOf(context));
            await connection.RunAsync(Retry);
        }

        return Results.Empty;
    }

    private static Refusal? CursorOf(HttpRequest request, out Cursor? cursor)
    {
        // A browser that comes back repeats the address it first had, and says in the header how far it got since.
        if (request.Headers[LastEventId] is not { Count: > 0 } header)
        {
            return CursorQuery.TryRead(request.Query, out cursor, out var refusal) ? null : refusal;
        }

        var isValid = CursorQuery.TryReadEventId(header.ToString(), out var given);
        cursor = isValid ? given : null;
        return isValid
            ? null
            : new Refusal(ErrorCodes.InvalidCursor, $"{LastEventId} takes the id of the last event that you have: epoch:seq.");
    }

    // To a browser's EventSource any status but 200 is the end: it never comes back. So it gets a stream that says when to.
    // Programs, which do not ask for one by name, get the status.
    private static IResult ForNow(HttpContext context, ProblemResult problem, string sentence)
    {
        if (!AsksForEvents(context.Request))
        {
            return problem;
        }

        Prepare(context);
        var status = Notices.Status("degraded", sentence);
        return Results.Text(
            $"retry: {(long)ComeBackIn().TotalMilliseconds}\n\nevent: {status.Type}\ndata: "
                + $"{Encoding.UTF8.GetString(status.Bytes.Span)}\n\n", MediaType, Encoding.UTF8);
    }

    private static bool AsksForEvents(HttpRequest request)
        => request.Headers.Accept.ToString().Contains("text/event-stream", StringComparison.OrdinalIgnoreCase);

    // Not all at once: a server that has just come up, or is full, shall not meet everybody in the same second.
    private static TimeSpan ComeBackIn() => Retry + (LongestPause * Random.Shared.NextDouble());

    /// <summary>Sets what every event stream has: nobody on the way keeps it or holds it back.</summary>
    public static void Prepare(HttpContext context)
    {
        context.Response.ContentType = MediaType;
        context.Response.Headers.CacheControl = "no-cache, no-store";
        context.Response.Headers["X-Accel-Buffering"] = "no";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();

        // How slow a client may be is ours to decide: see ApiOptions.SendTimeout.
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate && HttpProtocol.IsHttp11(context.Request.Protocol))
        {
            rate.MinDataRate = null;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "An event stream of session {SessionId} was put off: the store can't be reached")]
    private partial void LogStoreUnavailable(Exception exception, SessionId sessionId);
}
