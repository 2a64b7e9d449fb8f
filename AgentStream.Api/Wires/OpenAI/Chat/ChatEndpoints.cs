using AgentStream.Access;
using AgentStream.Api.Commands;
using AgentStream.Api.Delivery;
using AgentStream.Api.Http.Bodies;
using AgentStream.Api.Wires.OpenAI.Calls;
using AgentStream.Api.Wires.Runs;
using AgentStream.Messaging;
using AgentStream.Messaging.Transcript;
using Microsoft.Extensions.Options;

namespace AgentStream.Api.Wires.OpenAI.Chat;

/// <summary><c>POST /v1/chat/completions</c>.</summary>
internal static class ChatEndpoints
{
    private const string Route = "chat/completions";

    public static void Map(IEndpointRouteBuilder routes)
        => routes.MapPost($"/{Route}", PostAsync)
            .RequireAuthorization(AccessPolicies.Chat)
            .WithName("CreateChatCompletion").WithTags(OpenAIWire.Tag)
            .WithSummary("Asks an agent, as OpenAI's chat completions ask a model")
            .WithDescription(
                "The run goes on when the request is cut. The same Idempotency-Key gets it again. "
                + "metadata.session_id names the session; without it each request has one of its own.")
            .Accepts<ChatRequest>("application/json")
            .Produces<ChatCompletion>()
            .WithErrors(400, 403, 404, 413, 415, 422, 429, 503);

    private static async Task<IResult> PostAsync(HttpContext context, WireCommands commands, WireStreams streams)
    {
        if ((await commands.ReadAsync(context, OpenAIJson.Wire.ChatRequest)).IsRefused(out var unreadable, out var request))
        {
            return ApiResults.Refused(unreadable);
        }

        if (ChatRequestReader.Read(request).IsRefused(out var invalid, out var ask))
        {
            return ApiResults.Refused(invalid);
        }

        if (IdempotencyKey.Read(context, Route, out var key) is { } badKey)
        {
            return ApiResults.Refused(badKey);
        }

        if (streams.Enter(context).IsRefused(out var full, out var place))
        {
            return ApiResults.Refused(full);
        }

        using (place)
        {
            if ((ask.Results.Count > 0
                ? await CallResults.GiveAsync(context, commands, ask.Results)
                : await AskAsync(context, commands, ask, key)).IsRefused(out var refusal, out var goesOn))
            {
                return ApiResults.Refused(refusal);
            }

            return request.Stream is true
                ? await FollowAsync(context, streams, place, goesOn, request.StreamOptions?.IncludeUsage is true)
                : await WaitAsync(context, commands, goesOn);
        }
    }

    private static async ValueTask<Answer<GoneOn>> AskAsync(
        HttpContext context, WireCommands commands, ChatAsk ask, IdempotencyKey? key)
    {
        var sessionId = ask.Session ?? key?.SessionId ?? SessionId.New();
        var payload = ask.Payload with { MessageId = key?.MessageId };
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

    private static async Task<IResult> FollowAsync(
        HttpContext context, WireStreams streams, ConnectionRegistry.ConnectionPermit place, GoneOn goesOn, bool includeUsage)
    {
        var run = goesOn.Run;
        OpenAIResults.Name(context, run);
        var pieces = new ChatPieces(run.Message.RunId, run.Message.QueuedAt, includeUsage);
        var isLive = context.RequestServices.GetRequiredService<IOptions<WiresOptions>>().Value.OpenAILiveText;
        IChatFold fold = isLive ? new LiveChatFold(pieces) : new SettledChatFold(pieces);
        return await streams.FollowAsync(context, place, run.Read(
            new ChatTranslation(fold, run.SessionId, new RunPart(goesOn.Part), run.TellEnded())));
    }

    private static async Task<IResult> WaitAsync(HttpContext context, WireCommands commands, GoneOn goesOn)
    {
        if ((await goesOn.Run.WaitAsync(commands, context)).IsRefused(out var refusal, out var run))
        {
            return ApiResults.Refused(refusal);
        }

        OpenAIResults.Name(context, run);
        return run.Message.Status is MessageStatus.Failed or MessageStatus.Cancelled
            ? OpenAIResults.Failed(context, run.Message)
            : ApiResults.Json(ChatCompletions.Of(run, new RunPart(goesOn.Part)), OpenAIJson.Wire.ChatCompletion);
    }
}
