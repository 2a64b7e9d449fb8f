using System.Globalization;
using AgentStream.Access;
using AgentStream.Api.Access;
using AgentStream.Api.Commands;
using AgentStream.Api.Delivery;
using AgentStream.Api.Http.Bodies;
using AgentStream.Api.Http.Description;
using AgentStream.Messaging;
using AgentStream.Messaging.Json;
using AgentStream.Messaging.Protocol;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace AgentStream.Api.Http.Endpoints;

/// <summary>Messages, cancels and approvals over HTTP: the commands of the socket, one request each.</summary>
internal static class MessageEndpoints
{
    private const string Tag = "Messages";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/{session_id}/messages", PostAsync)
            .RequireAuthorization(AccessPolicies.Chat)
            .WithName("PostMessage").WithTags(Tag)
            .WithSummary("Sends a message and starts its run")
            .WithDescription(
                "Answers 202 at once; follow the events to see the run. With wait=true it answers 200 when the run is over, however it "
                + "ended: look at status. "
                + "Leaving early cancels nothing. Sending the same message_id again starts nothing twice.")
            .Accepts<ChatPayload>("application/json")
            .Produces<MessageAccepted>(StatusCodes.Status202Accepted)
            .Produces<MessageAnswer>(StatusCodes.Status200OK)
            .WithProblems(400, 403, 404, 409, 413, 415, 429, 503);
        routes.MapPost("/{session_id}/runs/{run_id}/cancel", CancelAsync)
            .RequireAuthorization(AccessPolicies.Chat)
            .WithName("CancelRun").WithTags(Tag)
            .WithSummary("Cancels a run, queued or under way")
            .Produces<CancelAnswer>(StatusCodes.Status202Accepted)
            .WithProblems(400, 403, 404, 409, 503);
        routes.MapPost("/{session_id}/runs/{run_id}/approvals/{tool_call_id}", ApproveAsync)
            .RequireAuthorization(AccessPolicies.Approve)
            .WithName("AnswerApproval").WithTags(Tag)
            .WithSummary("Answers a tool call that waits for a person; the first answer wins")
            .Accepts<ApprovalBody>("application/json")
            .Produces(StatusCodes.Status204NoContent)
            .WithProblems(400, 403, 404, 409, 413, 415, 503);
        routes.MapPost("/{session_id}/runs/{run_id}/results/{tool_call_id}", GiveResultAsync)
            .RequireAuthorization(AccessPolicies.Chat)
            .WithName("GiveToolResult").WithTags(Tag)
            .WithSummary("Gives the result of a tool call that its caller executes; the first one counts")
            .Accepts<ToolResultBody>("application/json")
            .Produces(StatusCodes.Status204NoContent)
            .WithProblems(400, 403, 404, 409, 413, 415, 503);
    }

    private static async Task<IResult> PostAsync(
        HttpContext context,
        [FromRoute(Name = RouteIds.Session)] SessionId sessionId,
        SessionAccess access,
        SessionCommands commands,
        RunWaiter answers,
        CallerLimits limits,
        ConnectionPlaces places,
        IOptions<ApiOptions> options,
        IHostApplicationLifetime lifetime,
        CancellationToken cancellationToken,
        bool wait = false)
    {
        if ((await JsonBody.ReadAsync(context.Request, MessagingJson.Wire.ChatPayload, options.Value.MaxFrameBytes))
            .IsRefused(out var unreadable, out var payload))
        {
            return ApiResults.Refused(unreadable);
        }

        ConnectionRegistry.ConnectionPermit? waits = null;
        if (wait && places.Take(context).IsRefused(out var full, out waits))
        {
            return ApiResults.Refused(full);
        }

        using var place = waits;
        var principal = SessionAccess.PrincipalOf(context);
        if ((await commands.ChatAsync(principal, limits.AddressOf(context), sessionId, payload, cancellationToken))
            .IsRefused(out var refusal, out var accepted))
        {
            return ApiResults.Refused(refusal);
        }

        // The one message, as the transcript has it, whether it is still going on or over.
        var before = accepted.Seq.Next.Value.ToString(CultureInfo.InvariantCulture);
        context.Response.Headers.Location = $"{context.Request.PathBase}/api/sessions/{sessionId}?before={before}&limit=1";
        if (!wait)
        {
            var answer = new MessageAccepted
            {
                SessionId = sessionId,
                MessageId = accepted.MessageId,
                RunId = accepted.RunId,
                Seq = accepted.Seq,
                Duplicate = accepted.Duplicate,
            };
            return ApiResults.Json(answer, ApiJson.Wire.MessageAccepted, StatusCodes.Status202Accepted);
        }

        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        try
        {
            return (await answers.WaitAsync(principal, sessionId, accepted, waiting.Token)).IsRefused(out var gone, out var answer)
                ? ApiResults.Refused(gone)
                : !access.IsGood(context) ? ApiResults.Refused(CallerRefusals.Unauthenticated)
                : ApiResults.Json(answer, ApiJson.Wire.MessageAnswer);
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            return ApiResults.Refused(new Refusal(
                ErrorCodes.ShuttingDown,
                "This server restarts and the run goes on: send the same message with the same message_id again to wait for it."));
        }
    }

    private static async Task<IResult> CancelAsync(
        HttpContext context,
        [FromRoute(Name = RouteIds.Session)] SessionId sessionId,
        [FromRoute(Name = RouteIds.Run)] RunId runId,
        SessionCommands commands,
        CancellationToken cancellationToken)
        => (await commands.CancelAsync(
            SessionAccess.PrincipalOf(context), sessionId, new CancelPayload { RunId = runId.Value }, cancellationToken))
                .IsRefused(out var refusal, out var cancelled)
            ? ApiResults.Refused(refusal)
            : ApiResults.Json(CancelAnswer.From(cancelled), ApiJson.Wire.CancelAnswer, StatusCodes.Status202Accepted);

    private static async Task<IResult> ApproveAsync(
        HttpContext context,
        [FromRoute(Name = RouteIds.Session)] SessionId sessionId,
        [FromRoute(Name = RouteIds.Run)] RunId runId,
        [FromRoute(Name = RouteIds.ToolCall)] ToolCallId toolCallId,
        SessionCommands commands,
        IOptions<ApiOptions> options,
        CancellationToken cancellationToken)
    {
        if ((await JsonBody.ReadAsync(context.Request, ApiJson.Wire.ApprovalBody, options.Value.MaxFrameBytes))
            .IsRefused(out var unreadable, out var body))
        {
            return ApiResults.Refused(unreadable);
        }

        var payload = new ToolApprovalPayload
        {
            RunId = runId.Value,
            ToolCallId = toolCallId.Value,
            Approved = body.Approved,
            Reason = body.Reason,
            Arguments = body.Arguments,
        };
        return await commands.ApproveAsync(SessionAccess.PrincipalOf(context), sessionId, payload, cancellationToken) is { } refusal
            ? ApiResults.Refused(refusal)
            : TypedResults.NoContent();
    }

    private static async Task<IResult> GiveResultAsync(
        HttpContext context,
        [FromRoute(Name = RouteIds.Session)] SessionId sessionId,
        [FromRoute(Name = RouteIds.Run)] RunId runId,
        [FromRoute(Name = RouteIds.ToolCall)] ToolCallId toolCallId,
        SessionCommands commands,
        IOptions<ApiOptions> options,
        CancellationToken cancellationToken)
    {
        if ((await JsonBody.ReadAsync(context.Request, ApiJson.Wire.ToolResultBody, options.Value.MaxFrameBytes))
            .IsRefused(out var unreadable, out var body))
        {
            return ApiResults.Refused(unreadable);
        }

        var payload = new ToolResultPayload
        {
            RunId = runId.Value,
            ToolCallId = toolCallId.Value,
            Result = body.Result,
            IsError = body.IsError,
        };
        return await commands.GiveResultAsync(SessionAccess.PrincipalOf(context), sessionId, payload, cancellationToken) is { } refusal
            ? ApiResults.Refused(refusal)
            : TypedResults.NoContent();
    }
}
