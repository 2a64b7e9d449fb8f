using AgentStream.Api.Http.Bodies;
using AgentStream.Api.Http.Description;
using AgentStream.Api.Wires.Runs;
using AgentStream.Messaging;
using AgentStream.Messaging.Queue;
using Microsoft.AspNetCore.Mvc;

namespace AgentStream.Api.Wires.AgUi;

/// <summary>The routes of AG-UI.</summary>
internal static class AgUiEndpoints
{
    public static async Task<IResult> RunAsync(
        HttpContext context, [FromRoute] string agent, WireCommands commands, WireStreams streams)
    {
        if ((await commands.ReadAsync(context, AgUiJson.Wire.AgUiInput)).IsRefused(out var unreadable, out var input))
        {
            return ApiResults.Refused(unreadable);
        }

        if (AgUiRequest.Of(agent, input).IsRefused(out var invalid, out var request))
        {
            return ApiResults.Refused(invalid);
        }

        if (streams.Enter(context).IsRefused(out var full, out var place))
        {
            return ApiResults.Refused(full);
        }

        using (place)
        {
            return (await AgUiRuns.BeginAsync(context, commands, request)).IsRefused(out var refusal, out var reading)
                ? ApiResults.Refused(refusal)
                : await streams.FollowAsync(context, place, reading);
        }
    }

    public static async Task<IResult> ConnectAsync(
        HttpContext context,
        [FromRoute] string agent,
        [FromRoute(Name = RouteIds.Session)] SessionId sessionId,
        WireCommands commands,
        WireStreams streams,
        [FromQuery(Name = "runId")] string? runId = null)
    {
        if (streams.Enter(context).IsRefused(out var full, out var place))
        {
            return ApiResults.Refused(full);
        }

        using (place)
        {
            return (await AgUiRuns.ConnectAsync(context, commands, sessionId, runId)).IsRefused(out var refusal, out var reading)
                ? ApiResults.Refused(refusal)
                : await streams.FollowAsync(context, place, reading);
        }
    }

    public static async Task<IResult> StopAsync(
        HttpContext context,
        [FromRoute] string agent,
        [FromRoute(Name = RouteIds.Session)] SessionId sessionId,
        WireCommands commands)
    {
        if ((await commands.CancelAsync(context, sessionId, runId: null)).IsRefused(out var refusal, out var cancelled))
        {
            return ApiResults.Refused(refusal);
        }

        var status = cancelled.Status == CancelStatus.Cancelled ? "cancelled" : "requested";
        return ApiResults.Json(
            new AgUiStopped(cancelled.RunId.Value, status), AgUiJson.Wire.AgUiStopped, StatusCodes.Status202Accepted);
    }
}
