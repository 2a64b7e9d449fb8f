using AgentStream.Access;
using AgentStream.Api.Commands;
using AgentStream.Api.Delivery;
using AgentStream.Api.Http.Bodies;
using AgentStream.Api.Http.Description;
using AgentStream.Api.Wires.OpenAI.Calls;
using AgentStream.Api.Wires.Runs;
using AgentStream.Messaging;
using AgentStream.Messaging.Queue;
using AgentStream.Messaging.Transcript;
using Microsoft.AspNetCore.Mvc;

namespace AgentStream.Api.Wires.OpenAI.Responses;

/// <summary><c>/v1/responses</c>.</summary>
internal static class ResponseEndpoints
{
    private const string Route = "responses";
    private const string Id = "response_id";
    private const string StartingAfter = "starting_after";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost($"/{Route}", PostAsync)
            .RequireAuthorization(AccessPolicies.Chat)
            .WithName("CreateResponse").WithTags(OpenAIWire.Tag)
            .WithSummary("Asks an agent, as OpenAI's responses ask a model")
            .WithDescription(
                "The run goes on when the request is cut, and can be followed again by its id. background answers at once. "
                + "previous_response_id goes on in the session of that response; conversation names a session.")
            .Accepts<ResponseRequest>("application/json")
            .Produces<ResponseBody>()
            .WithErrors(400, 403, 404, 413, 415, 422, 429, 503);
        routes.MapRead($"/{Route}/{{{Id}}}", ReadAsync)
            .WithName("ReadResponse").WithTags(OpenAIWire.Tag)
            .WithSummary("Reads a response as it stands, or follows it")
            .WithDescription("With stream=true: its events, from the first one on, or from the one after the number starting_after.")
            .WithParameter(StartingAfter, ApiDescription.DescribeOffset)
            .Produces<ResponseBody>()
            .WithErrors(400, 403, 404, 429, 503);
        routes.MapPost($"/{Route}/{{{Id}}}/cancel", CancelAsync)
            .RequireAuthorization(AccessPolicies.Chat)
            .WithName("CancelResponse").WithTags(OpenAIWire.Tag)
            .WithSummary("Cancels a response, queued or under way")
            .Produces<ResponseBody>()
            .WithErrors(400, 403, 404, 503);
    }

    private static async Task<IResult> PostAsync(HttpContext context, WireCommands commands, WireStreams streams)
    {
        if ((await commands.ReadAsync(context, OpenAIJson.Wire.ResponseRequest)).IsRefused(out var unreadable, out var request))
        {
            return ApiResults.Refused(unreadable);
        }

        if (ResponseRequestReader.Read(request).IsRefused(out var invalid, out var ask))
        {
            return ApiResults.Refused(invalid);
        }

        if (IdempotencyKey.Read(context, Route, out var key) is { } badKey)
        {
            return ApiResults.Refused(badKey);
        }

        // In the background nobody stays.
        ConnectionRegistry.ConnectionPermit? place = null;
        if ((request.Stream is true || request.Background is not true) && streams.Enter(context).IsRefused(out var full, out place))
        {
            return ApiResults.Refused(full);
        }

        using (place)
        {
            if ((ask.Results.Count > 0
                ? await ResponseRuns.GoOnAsync(commands, context, ask.Previous, ask.Results)
                : await StartAsync(context, commands, ask, key)).IsRefused(out var refusal, out var goesOn))
            {
                return ApiResults.Refused(refusal);
            }

            var (run, part) = goesOn;
            OpenAIResults.Name(context, run);
            var id = request.Store is false
                ? ResponseId.Unstored(run.Message.RunId, part)
                : new ResponseId(run.Message.RunId, run.Message.Seq, run.SessionId, part).ToString();
            return place is null ? Json(run, id, part)
                : request.Stream is true ? await FollowAsync(context, streams, place, goesOn, id, after: null)
                : await WaitAsync(context, commands, goesOn, id);
        }
    }

    private static async Task<IResult> ReadAsync(
        HttpContext context,
        [FromRoute(Name = Id)] string responseId,
        WireCommands commands,
        WireStreams streams,
        bool stream = false,
        [FromQuery(Name = StartingAfter)] int? startingAfter = null)
    {
        if (startingAfter < 0)
        {
            return ApiResults.Refused(
                OpenAIError.Of("starting_after takes the sequence_number of the last event that you have.", StartingAfter));
        }

        if ((await FindAsync(context, commands, responseId)).IsRefused(out var refusal, out var run))
        {
            return ApiResults.Refused(refusal);
        }

        var part = PartOf(responseId);
        OpenAIResults.Name(context, run);
        if (!stream)
        {
            return Json(run, responseId, part);
        }

        if (streams.Enter(context).IsRefused(out var full, out var place))
        {
            return ApiResults.Refused(full);
        }

        using (place)
        {
            return await FollowAsync(context, streams, place, new GoneOn(run, part), responseId, startingAfter);
        }
    }

    private static async Task<IResult> CancelAsync(
        HttpContext context, [FromRoute(Name = Id)] string responseId, WireCommands commands, TimeProvider time)
    {
        if ((await FindAsync(context, commands, responseId)).IsRefused(out var unknown, out var run))
        {
            return ApiResults.Refused(unknown);
        }

        if ((await commands.CancelAsync(context, run.SessionId, run.Message.RunId)).IsRefused(out var refusal, out var cancelled))
        {
            // Asked twice, it is what was asked for.
            return run.Message.Status == MessageStatus.Cancelled
                ? Json(run, responseId, PartOf(responseId))
                : ApiResults.Refused(refusal);
        }

        if (cancelled.Status == CancelStatus.Requested)
        {
            await run.WaitForCancelAsync(commands, context, time);
        }

        return (await FindAsync(context, commands, responseId)).IsRefused(out var gone, out var ended)
            ? ApiResults.Refused(gone)
            : Json(ended, responseId, PartOf(responseId));
    }

    private static IResult Json(FoundRun run, string id, int part)
        => ApiResults.Json(ResponseRuns.Of(run, id, part), OpenAIJson.Wire.ResponseBody);

    private static int PartOf(string responseId) => ResponseId.TryParse(responseId, out var id) ? id.Part : 0;

    private static async ValueTask<Answer<GoneOn>> StartAsync(
        HttpContext context, WireCommands commands, ResponseAsk ask, IdempotencyKey? key)
    {
        var sessionId = ask.Previous?.SessionId ?? ask.Session ?? key?.SessionId ?? SessionId.New();
        var payload = ask.Payload with { MessageId = key?.MessageId };
        if (ask.Previous is { } previous
            && (await ResponseRuns.GoOnAsync(commands, context, previous, payload)).IsRefused(out var nowhere, out payload))
        {
            return nowhere;
        }

        if ((await commands.ChatAsync(context, sessionId, payload)).IsRefused(out var refusal, out var accepted))
        {
            return refusal;
        }

        if (key is null)
        {
            OpenAIResults.ForbidRetry(context);
        }

        return (await FoundRun.FindAsync(commands, context, sessionId, accepted.Seq, accepted.RunId)).IsRefused(out var gone, out var run)
            ? gone
            : new GoneOn(run, Part: 0);
    }

    private static ValueTask<Answer<FoundRun>> FindAsync(HttpContext context, WireCommands commands, string responseId)
        => ResponseId.TryParse(responseId, out var id)
            ? ResponseRuns.FindAsync(commands, context, id)
            : ValueTask.FromResult<Answer<FoundRun>>(ResponseRequestReader.NoSuchResponse);

    private static Task<IResult> FollowAsync(
        HttpContext context, WireStreams streams, ConnectionRegistry.ConnectionPermit place, GoneOn goesOn, string id, int? after)
    {
        var (run, part) = goesOn;
        var fold = ResponseRuns.FoldOf(run, id, part);
        return streams.FollowAsync(context, place, run.Read(new ResponseTranslation(fold, after, run.TellEnded())));
    }

    private static async Task<IResult> WaitAsync(HttpContext context, WireCommands commands, GoneOn goesOn, string id)
        => (await goesOn.Run.WaitAsync(commands, context)).IsRefused(out var refusal, out var run)
            ? ApiResults.Refused(refusal)
            : Json(run, id, goesOn.Part);
}
