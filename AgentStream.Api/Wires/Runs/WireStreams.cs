using AgentStream.Api.Access;
using AgentStream.Api.Commands;
using AgentStream.Api.Delivery;
using AgentStream.Api.Http.Bodies;
using AgentStream.Api.ServerSentEvents;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Api.Wires.Runs;

/// <summary>Responses that follow a run, within the limits that all connections have.</summary>
internal sealed class WireStreams(
    SessionBroadcasts sessions,
    ConnectionRegistry connections,
    CallerLimits limits,
    TimeProvider time,
    ILogger<WireConnection> logger)
{
    /// <summary>Takes a place; dispose of it to give it back. Before anything is begun for the client.</summary>
    public Answer<ConnectionRegistry.ConnectionPermit> Enter(HttpContext context)
    {
        if (connections.TryTakePermit() is not { } place)
        {
            return new Refusal(
                ErrorCodes.TooManyConnections, "This server has as many connections as it takes: come back in a little while.");
        }

        if (!limits.TryConnect(SessionAccess.PrincipalOf(context), limits.AddressOf(context), place))
        {
            place.Dispose();
            return CallerLimits.TooManyConnections;
        }

        return place;
    }

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
