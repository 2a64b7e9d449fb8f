using AgentStream.Access;
using AgentStream.Api.Access;
using AgentStream.Api.Commands;
using AgentStream.Api.Http.Bodies;
using AgentStream.Api.Http.Description;
using AgentStream.Messaging;
using AgentStream.Messaging.Queue;
using Microsoft.AspNetCore.Mvc;

namespace AgentStream.Api.Http.Endpoints;

/// <summary>All runs that are not over, whosever they are, for who may end them; nothing of what was said in them.</summary>
internal static class AdminEndpoints
{
    private const string Tag = "Administration";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapRead("/runs", ListAsync, AccessPolicies.Admin)
            .WithName("ListRuns").WithTags(Tag)
            .WithSummary("Lists the runs of all owners that are queued, under way or waiting for a person")
            .WithDescription("limit counts sessions, each of which comes with all of its runs; page_token is the next of the page before.")
            .WithParameter("limit", LiveRunQueries.DescribeLimit)
            .WithParameter("page_token", ApiSchemas.DescribeId)
            .Produces<LiveRunList>()
            .WithProblems(400, 403, 503);
        routes.MapPost("/sessions/{session_id}/runs/{run_id}/cancel", CancelAsync)
            .RequireAuthorization(AccessPolicies.Admin)
            .WithName("EndRun").WithTags(Tag)
            .WithSummary("Cancels a run of whatever owner, queued or under way")
            .Produces<CancelAnswer>(StatusCodes.Status202Accepted)
            .WithProblems(400, 403, 404, 409, 503);
    }

    private static async Task<IResult> ListAsync(
        IRunQueue queue,
        CancellationToken cancellationToken,
        int limit = LiveRunQueries.DefaultLimit,
        [FromQuery(Name = "page_token")] string? pageToken = null)
    {
        if (LiveRunQueries.Read(limit, pageToken).IsRefused(out var refusal, out var query))
        {
            return ApiResults.Refused(refusal);
        }

        var page = await queue.ListLiveAsync(query, cancellationToken);
        return ApiResults.Json(new LiveRunList { Runs = page.Runs, Next = page.Next?.Value }, ApiJson.Wire.LiveRunList);
    }

    private static async Task<IResult> CancelAsync(
        HttpContext context,
        [FromRoute(Name = RouteIds.Session)] SessionId sessionId,
        [FromRoute(Name = RouteIds.Run)] RunId runId,
        SessionCommands commands,
        CancellationToken cancellationToken)
        => (await commands.EndAsync(SessionAccess.PrincipalOf(context), sessionId, runId, cancellationToken))
                .IsRefused(out var refusal, out var cancelled)
            ? ApiResults.Refused(refusal)
            : ApiResults.Json(CancelAnswer.From(cancelled), ApiJson.Wire.CancelAnswer, StatusCodes.Status202Accepted);
}
