using AgentStream.Api.Commands;
using AgentStream.Api.Delivery;
using AgentStream.Api.Http.Bodies;
using AgentStream.Api.Http.Description;
using AgentStream.Api.Wires.Runs;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Transcript;
using Microsoft.AspNetCore.Mvc;

namespace AgentStream.Api.Wires.LangGraph;

/// <summary>The routes of runs.</summary>
internal static class LangGraphEndpoints
{
    private const string LastEventId = "Last-Event-ID";

    public static async Task<IResult> StreamAsync(
        HttpContext context, [FromRoute(Name = RouteIds.Session)] SessionId threadId, WireCommands commands, WireStreams streams)
    {
        if ((await commands.ReadAsync(context, LangGraphJson.Wire.LangGraphInput)).IsRefused(out var unreadable, out var input))
        {
            return ApiResults.Refused(unreadable);
        }

        if (LangGraphModeNames.Read(input.StreamMode, out var modes) is { } invalid)
        {
            return ApiResults.Refused(invalid);
        }

        if (streams.Enter(context).IsRefused(out var full, out var place))
        {
            return ApiResults.Refused(full);
        }

        using (place)
        {
            return (await LangGraphRuns.BeginAsync(context, commands, threadId, input)).IsRefused(out var refusal, out var found)
                ? ApiResults.Refused(refusal)
                : await FollowAsync(context, streams, place, found, modes, after: null);
        }
    }

    public static async Task<IResult> CreateAsync(
        HttpContext context, [FromRoute(Name = RouteIds.Session)] SessionId threadId, WireCommands commands)
    {
        if ((await BeginAsync(context, threadId, commands)).IsRefused(out var refusal, out var found))
        {
            return ApiResults.Refused(refusal);
        }

        Name(context, found, modes: null);
        return ApiResults.Json(RunOf(found.Snapshot, found.Message), LangGraphJson.Wire.LangGraphRun);
    }

    public static async Task<IResult> WaitAsync(
        HttpContext context, [FromRoute(Name = RouteIds.Session)] SessionId threadId, WireCommands commands, WireStreams streams)
    {
        if (streams.Enter(context).IsRefused(out var full, out var place))
        {
            return ApiResults.Refused(full);
        }

        using (place)
        {
            return (await BeginAsync(context, threadId, commands)).IsRefused(out var refusal, out var found)
                ? ApiResults.Refused(refusal)
                : await EndAsync(context, commands, found);
        }
    }

    public static async Task<IResult> ReadAsync(
        HttpContext context,
        [FromRoute(Name = RouteIds.Session)] SessionId threadId,
        [FromRoute(Name = RouteIds.Run)] RunId runId,
        WireCommands commands)
        => (await LangGraphRuns.FindAsync(context, commands, threadId, runId)).IsRefused(out var refusal, out var found)
            ? ApiResults.Refused(refusal)
            : ApiResults.Json(RunOf(found.Snapshot, found.Message), LangGraphJson.Wire.LangGraphRun);

    public static async Task<IResult> ListAsync(
        HttpContext context,
        [FromRoute(Name = RouteIds.Session)] SessionId threadId,
        WireCommands commands,
        [FromQuery(Name = "limit")] int limit = 10,
        [FromQuery(Name = "offset")] int offset = 0)
    {
        if ((await LangGraphRuns.ReadAsync(context, commands, threadId)).IsRefused(out var refusal, out var snapshot))
        {
            return ApiResults.Refused(refusal);
        }

        var runs = snapshot.Messages.Reverse().Skip(offset).Take(limit).Select(message => RunOf(snapshot, message));
        return ApiResults.Json([.. runs], LangGraphJson.Wire.LangGraphRunArray);
    }

    public static async Task<IResult> JoinStreamAsync(
        HttpContext context,
        [FromRoute(Name = RouteIds.Session)] SessionId threadId,
        [FromRoute(Name = RouteIds.Run)] RunId runId,
        WireCommands commands,
        WireStreams streams,
        [FromQuery(Name = "stream_mode")] string[]? streamMode = null)
    {
        if (LangGraphModeNames.Read(streamMode ?? [], out var modes) is { } invalid)
        {
            return ApiResults.Refused(invalid);
        }

        // -1 asks for all of it.
        LangGraphPlace? after = null;
        var last = context.Request.Headers[LastEventId].ToString();
        if (last is not ("" or "-1"))
        {
            if (!LangGraphPlace.TryParse(last, out var place))
            {
                return ApiResults.Refused(new Refusal(
                    ErrorCodes.InvalidCursor, $"{LastEventId} takes the id of the last event that you have, or -1 for all of them."));
            }

            after = place;
        }

        if (streams.Enter(context).IsRefused(out var full, out var room))
        {
            return ApiResults.Refused(full);
        }

        using (room)
        {
            return (await LangGraphRuns.FindAsync(context, commands, threadId, runId)).IsRefused(out var refusal, out var found)
                ? ApiResults.Refused(refusal)
                : await FollowAsync(context, streams, room, found, modes, after);
        }
    }

    public static async Task<IResult> JoinAsync(
        HttpContext context,
        [FromRoute(Name = RouteIds.Session)] SessionId threadId,
        [FromRoute(Name = RouteIds.Run)] RunId runId,
        WireCommands commands,
        WireStreams streams)
    {
        if (streams.Enter(context).IsRefused(out var full, out var place))
        {
            return ApiResults.Refused(full);
        }

        using (place)
        {
            return (await LangGraphRuns.FindAsync(context, commands, threadId, runId)).IsRefused(out var refusal, out var found)
                ? ApiResults.Refused(refusal)
                : await EndAsync(context, commands, found);
        }
    }

    public static async Task<IResult> CancelAsync(
        HttpContext context,
        [FromRoute(Name = RouteIds.Session)] SessionId threadId,
        [FromRoute(Name = RouteIds.Run)] RunId runId,
        WireCommands commands,
        TimeProvider time,
        [FromQuery(Name = "wait")] string? wait = null)
    {
        if ((await commands.CancelAsync(context, threadId, runId)).IsRefused(out var refusal, out _))
        {
            return ApiResults.Refused(refusal);
        }

        if (wait is "1" or "true"
            && (await LangGraphRuns.FindAsync(context, commands, threadId, runId)).Value is { } known
            && (await FoundRun.FindAsync(commands, context, known.Address)).Value is { } found)
        {
            await found.WaitForCancelAsync(commands, context, time);
        }

        return TypedResults.NoContent();
    }

    private static async ValueTask<Answer<LangGraphFound>> BeginAsync(HttpContext context, SessionId threadId, WireCommands commands)
        => (await commands.ReadAsync(context, LangGraphJson.Wire.LangGraphInput)).IsRefused(out var unreadable, out var input)
            ? unreadable
            : await LangGraphRuns.BeginAsync(context, commands, threadId, input);

    private static Task<IResult> FollowAsync(
        HttpContext context,
        WireStreams streams,
        ConnectionRegistry.ConnectionPermit place,
        LangGraphFound found,
        LangGraphModes modes,
        LangGraphPlace? after)
    {
        Name(context, found, modes);
        return streams.FollowAsync(context, place, found.Read(modes, after));
    }

    // Below the address that the client has: it puts that before what is named here.
    private static void Name(HttpContext context, LangGraphFound found, LangGraphModes? modes)
    {
        var run = $"/threads/{found.Snapshot.SessionId}/runs/{found.Message.RunId}";
        context.Response.Headers.ContentLocation = run;
        if (modes is { } wanted)
        {
            context.Response.Headers.Location = $"{run}/stream?{LangGraphModeNames.QueryOf(wanted)}";
        }
    }

    private static async Task<IResult> EndAsync(HttpContext context, WireCommands commands, LangGraphFound found)
    {
        Name(context, found, modes: null);
        var threadId = found.Snapshot.SessionId;
        if ((await commands.SettleAsync(context, found.Address)).IsRefused(out var late, out _))
        {
            return ApiResults.Refused(late);
        }

        if ((await LangGraphRuns.FindAsync(context, commands, threadId, found.Message.RunId)).IsRefused(out var gone, out var ended))
        {
            return ApiResults.Refused(gone);
        }

        var values = LangGraphThreads.ValuesOf(ended.Snapshot) with
        {
            Failure = ended.Message.Status == MessageStatus.Failed
                ? new(ended.Message.ErrorCode ?? ErrorCodes.InternalError, ended.Message.Error ?? "The run failed.")
                : null,
        };
        return ApiResults.Json(values, LangGraphJson.Wire.LangGraphValues);
    }

    private static LangGraphRun RunOf(SnapshotData snapshot, TranscriptMessage message) => new()
    {
        RunId = message.RunId.Value,
        ThreadId = snapshot.SessionId.Value,
        AssistantId = message.AgentName,
        CreatedAt = message.QueuedAt,
        UpdatedAt = message.FinishedAt ?? message.StartedAt ?? message.QueuedAt,
        Status = message.Status switch
        {
            MessageStatus.Queued => "pending",
            MessageStatus.Running when !IsAsking(snapshot, message) => "running",
            MessageStatus.Completed => "success",
            MessageStatus.Failed => "error",
            _ => "interrupted",
        },
    };

    private static bool IsAsking(SnapshotData snapshot, TranscriptMessage message)
        => snapshot.ActiveRun?.RunId == message.RunId && LangGraphThreads.InterruptsOf(snapshot) is not null;
}
