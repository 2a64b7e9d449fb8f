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
        var caller = SessionAccess.CallerOf(context);
        if ((await sessions.OpenAsync(caller, reading.SessionId, reading.From, context.RequestAborted))
            .IsRefused(out var refusal, out var opening))
        {
            return ApiResults.Refused(refusal);
        }

        await using (opening)
        {
            EventStreamEndpoint.Prepare(context);
            if (HttpMethods.IsHead(context.Request.Method))
            {
                return Results.Empty;
            }

            var connection = new WireConnection(context, opening, reading, time, logger);
            place.Occupy(connection, caller);
            await connection.RunAsync();
        }

        return Results.Empty;
    }
}
