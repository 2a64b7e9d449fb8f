using AgentStream.Api.Access;
using AgentStream.Api.Commands;
using AgentStream.Api.Http.Bodies;
using AgentStream.Api.Http.Description;
using Microsoft.AspNetCore.Mvc;

namespace AgentStream.Api.Http.Endpoints;

/// <summary>One's own runs that are not over, of all sessions together.</summary>
internal static class RunEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
        => routes.MapRead("/runs", ListAsync)
            .WithName("ListOwnRuns").WithTags("Runs")
            .WithSummary("Lists one's runs that are queued, under way or waiting for a person, with what they ask")
            .WithDescription(
                "limit counts sessions, each of which comes with all of its runs; page_token is the next of the page before. "
                    + "Whoever asks again within two seconds may get the same answer.")
            .WithParameter("limit", LiveRunQueries.DescribeLimit)
            .WithParameter("page_token", ApiSchemas.DescribeId)
            .Produces<OwnRunList>()
            .WithProblems(400, 403, 503);

    private static async Task<IResult> ListAsync(
        HttpContext context,
        OwnRuns runs,
        CancellationToken cancellationToken,
        int limit = LiveRunQueries.DefaultLimit,
        [FromQuery(Name = "page_token")] string? pageToken = null)
    {
        if (LiveRunQueries.Read(limit, pageToken).IsRefused(out var refusal, out var query))
        {
            return ApiResults.Refused(refusal);
        }

        var (page, today) = await runs.ReadAsync(query with { Owner = SessionAccess.PrincipalOf(context) }, cancellationToken);
        var list = new OwnRunList { Runs = page.Runs, Next = page.Next?.Value, SpentToday = today };
        return ApiResults.Json(list, ApiJson.Wire.OwnRunList);
    }
}
