using AgentStream.Api.Http.Bodies;
using AgentStream.Api.Http.Description;
using AgentStream.Api.Wires.Runs;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;
using Microsoft.AspNetCore.Mvc;

namespace AgentStream.Api.Wires.UiMessages;

/// <summary>The routes of the UI message stream.</summary>
internal static class UiMessageEndpoints
{
    public static async Task<IResult> PostAsync(HttpContext context, WireCommands commands, WireStreams streams)
    {
        if ((await commands.ReadAsync(context, UiMessageJson.Wire.UiMessageInput)).IsRefused(out var unreadable, out var input))
        {
            return ApiResults.Refused(unreadable);
        }

        if (streams.Enter(context).IsRefused(out var full, out var place))
        {
            return ApiResults.Refused(full);
        }

        using (place)
        {
            return (await UiMessageRuns.BeginAsync(context, commands, input)).IsRefused(out var refusal, out var reading)
                ? ApiResults.Refused(refusal)
                : await streams.FollowAsync(context, place, reading);
        }
    }

    public static async Task<IResult> ResumeAsync(
        HttpContext context,
        [FromRoute(Name = RouteIds.Session)] SessionId sessionId,
        WireCommands commands,
        WireStreams streams,
        TimeProvider time)
    {
        if (streams.Enter(context).IsRefused(out var full, out var place))
        {
            return ApiResults.Refused(full);
        }

        using (place)
        {
            if ((await commands.SnapshotAsync(context, sessionId)).IsRefused(out var refusal, out var snapshot))
            {
                // To the client anything else is an error of the chat, and a chat that nobody wrote to is none.
                return refusal.Code == ErrorCodes.SessionNotFound ? TypedResults.NoContent() : ApiResults.Refused(refusal);
            }

            return UiMessageRuns.UnderWay(snapshot, time.GetUtcNow()) is { } reading
                ? await streams.FollowAsync(context, place, reading)
                : TypedResults.NoContent();
        }
    }

    public static async Task<IResult> StopAsync(
        HttpContext context, [FromRoute(Name = RouteIds.Session)] SessionId sessionId, WireCommands commands)
        => (await commands.CancelAsync(context, sessionId, runId: null)).IsRefused(out var refusal, out _)
            ? ApiResults.Refused(refusal)
            : TypedResults.NoContent();
}
