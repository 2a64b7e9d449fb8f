using System.IO.Pipelines;
using AgentStream.Api.Access;
using AgentStream.Api.Commands;
using AgentStream.Api.Delivery;
using AgentStream.Api.Http.Bodies;
using AgentStream.Api.ServerSentEvents;

namespace AgentStream.Api.Wires.Runs;

/// <summary>Responses that follow a run, within the limits that all connections have.</summary>
internal sealed class WireStreams(
    SessionBroadcasts sessions, ConnectionPlaces places, TimeProvider time, ILogger<WireConnection> logger)
{
    /// <summary>Takes a place, also for who waits for an answer in one piece; dispose of it to give it back.</summary>
    public Answer<ConnectionRegistry.ConnectionPermit> Enter(HttpContext context) => places.Take(context);

    /// <summary>Answers with a run as Server-Sent Events, until it is over or somebody goes.</summary>
    public async Task<IResult> FollowAsync(HttpContext context, ConnectionRegistry.ConnectionPermit place, RunReading reading)
    {
        if ((await OpenAsync(context, reading)).IsRefused(out var refusal, out var opening))
        {
            return ApiResults.Refused(refusal);
        }

        await using (opening)
        {
            EventStreamEndpoint.Prepare(context);
            if (!HttpMethods.IsHead(context.Request.Method))
            {
                await RunAsync(context, place, opening, reading, context.Response.BodyWriter, context.RequestAborted);
            }
        }

        return Results.Empty;
    }

    /// <summary>Writes the same to somewhere else that leads to the client. Refused before anything is written.</summary>
    /// <param name="context">The client's request.</param>
    /// <param name="place">The place that was taken.</param>
    /// <param name="reading">What is followed.</param>
    /// <param name="to">Where to it is written; whoever reads there completes it when the client has gone.</param>
    /// <param name="gone">Says that the client does not want it any more.</param>
    public async Task<Refusal?> FollowAsync(
        HttpContext context, ConnectionRegistry.ConnectionPermit place, RunReading reading, PipeWriter to, CancellationToken gone)
    {
        if ((await OpenAsync(context, reading)).IsRefused(out var refusal, out var opening))
        {
            return refusal;
        }

        await using (opening)
        {
            await RunAsync(context, place, opening, reading, to, gone);
        }

        return null;
    }

    private ValueTask<Answer<Opening>> OpenAsync(HttpContext context, RunReading reading)
        => sessions.OpenAsync(SessionAccess.CallerOf(context), reading.SessionId, reading.From, context.RequestAborted);

    private Task RunAsync(
        HttpContext context,
        ConnectionRegistry.ConnectionPermit place,
        Opening opening,
        RunReading reading,
        PipeWriter to,
        CancellationToken gone)
    {
        var connection = new WireConnection(to, context.Abort, opening, reading, time, logger, gone);
        place.Occupy(connection, SessionAccess.CallerOf(context));
        return connection.RunAsync();
    }
}
