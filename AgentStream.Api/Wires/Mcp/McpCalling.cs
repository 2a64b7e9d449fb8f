using AgentStream.Api.Commands;
using AgentStream.Api.Delivery;
using AgentStream.Api.Http.Bodies;
using AgentStream.Api.Wires.JsonRpc;
using AgentStream.Api.Wires.Runs;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Api.Wires.Mcp;

/// <summary><c>tools/call</c>: asks an agent, or goes on with a call.</summary>
internal static class McpCalling
{
    private static readonly Refusal NoSession = new(
        ErrorCodes.InvalidId, "session_id takes what an earlier call gave: 1 to 128 of the characters A-Z a-z 0-9 _ -");

    public static async Task<IResult> CallAsync(
        HttpContext context, WireCommands commands, WireStreams streams, McpCalls calls, McpRequest request)
    {
        var agents = await commands.AgentsAsync(context.RequestAborted);
        if (agents.Count > 0 && agents.All(agent => agent.Name != request.Message["name"].Text()))
        {
            return McpAnswers.Body(McpAnswers.Of(
                request.Id, RpcError.InvalidParams, "There is no such tool: tools/list has those that there are."));
        }

        ConnectionRegistry.ConnectionPermit? place = null;
        var isTask = request.Revision.IsWithoutSessions && request.TakesTask;
        if (!isTask && streams.Enter(context).IsRefused(out var full, out place))
        {
            return ApiResults.Refused(full);
        }

        using (place)
        {
            var key = request.Revision.IsWithoutSessions ? null : McpCallKey.Of(context, request.Id);
            if ((await BeginAsync(context, commands, request, key)).IsRefused(out var refusal, out var run))
            {
                return Refuse(request, refusal);
            }

            return place is null
                ? McpAnswers.Body(McpTasks.Begin(request, run))
                : await FollowAsync(context, commands, streams, calls, request, place, run, key);
        }
    }

    /// <summary>Goes on with a stream that was lost.</summary>
    public static async Task<IResult> ResumeAsync(
        HttpContext context, WireCommands commands, WireStreams streams, McpCalls calls, McpEventId last, McpRevision revision)
    {
        if (streams.Enter(context).IsRefused(out var full, out var place))
        {
            return ApiResults.Refused(full);
        }

        using (place)
        {
            if ((await FoundRun.FindAsync(commands, context, last.Run)).IsRefused(out var refusal, out var run))
            {
                return ApiResults.Refused(refusal);
            }

            var translation = new McpTranslation(run.Address, last.Request, revision, McpSession.CanAsk(context.Request))
            {
                After = last.After,
                Ended = run.TellEnded() ?? [],
            };
            using var open = Open(calls, McpCallKey.Of(context, last.Request.Id), run);
            return await streams.FollowAsync(context, place, run.Read(translation));
        }
    }

    private static async Task<IResult> FollowAsync(
        HttpContext context, WireCommands commands, WireStreams streams, McpCalls calls, McpRequest request,
        ConnectionRegistry.ConnectionPermit place, FoundRun run, McpCallKey? key)
    {
        var isWithoutSessions = request.Revision.IsWithoutSessions;
        var canAsk = isWithoutSessions ? request.CanAsk : McpSession.CanAsk(context.Request);
        var translation = new McpTranslation(run.Address, request.Stream, request.Revision, canAsk) { Ended = run.TellEnded() ?? [] };
        if (request.Message["requestState"] is not null)
        {
            translation.Answer(run.Questions.Select(question => question.ToolCallId));
        }

        using var open = Open(calls, key, run);
        var result = await streams.FollowAsync(context, place, run.Read(translation));
        if (isWithoutSessions && !translation.IsOver && context.RequestAborted.IsCancellationRequested && !commands.IsStopping)
        {
            // What closing the response means in these revisions.
            await commands.CancelAsync(context, run.SessionId, run.Message.RunId, isGone: true);
        }

        return result;
    }

    // What a program may have to wait for, it is told by its status; the rest is for the model that called, which may know better.
    private static IResult Refuse(McpRequest request, Refusal refusal)
        => refusal.RetryAfter is not null || refusal.Code is ErrorCodes.StoreUnavailable or ErrorCodes.ShuttingDown
            ? ApiResults.Refused(refusal)
            : McpAnswers.Body(McpAnswers.Of(
                request.Revision, request.Id, McpToolResult.Failed(refusal.Message), McpJson.Wire.McpToolResult));

    private static async ValueTask<Answer<FoundRun>> BeginAsync(
        HttpContext context, WireCommands commands, McpRequest request, McpCallKey? key)
    {
        if (request.Message["requestState"].Text() is { } state)
        {
            return await GoOnAsync(context, commands, request, state);
        }

        var message = request.Message;
        var arguments = message["arguments"];
        if (arguments.Member("message").Text() is not { } text)
        {
            return new Refusal(ErrorCodes.InvalidMessage, "message is missing: write what you want to ask.");
        }

        var sessionId = key?.SessionId ?? SessionId.New();
        if (arguments.Member("session_id") is not null && !SessionId.TryParse(arguments.Member("session_id").Text(), out sessionId))
        {
            return NoSession;
        }

        var payload = new ChatPayload { Message = text, MessageId = key?.MessageId, AgentName = message["name"].Text() };
        return (await commands.ChatAsync(context, sessionId, payload)).IsRefused(out var refusal, out var accepted)
            ? refusal
            : await FoundRun.FindAsync(commands, context, sessionId, accepted.Seq, accepted.RunId);
    }

    // The call comes again, with what a person said to its questions.
    private static async ValueTask<Answer<FoundRun>> GoOnAsync(
        HttpContext context, WireCommands commands, McpRequest request, string state)
    {
        if (!RunAddress.TryParse(state, out var address))
        {
            return new Refusal(ErrorCodes.UnknownRun, "requestState takes what came with the questions.");
        }

        if ((await FoundRun.FindAsync(commands, context, address)).IsRefused(out var unknown, out var run))
        {
            return unknown;
        }

        return await McpTasks.AnswerAsync(context, commands, request, run) is { } refusal ? refusal : run;
    }

    private static IDisposable? Open(McpCalls calls, McpCallKey? key, FoundRun run)
        => key is { } name ? calls.Open(name, run.Address) : null;
}
