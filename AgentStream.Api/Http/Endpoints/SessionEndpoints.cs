using AgentStream.Access;
using AgentStream.Api.Access;
using AgentStream.Api.Commands;
using AgentStream.Api.Http.Bodies;
using AgentStream.Api.Http.Description;
using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;

namespace AgentStream.Api.Http.Endpoints;

/// <summary>The sessions: list, transcript, title, erasing.</summary>
internal static class SessionEndpoints
{
    private const string Tag = "Sessions";
    private const int DefaultLimit = 50;
    private const int MaxLimit = 200;
    private const int MaxSearchLength = 200;
    private const int MaxTokenLength = 1_000;

    private static Refusal NoSuchPage { get; } = new(ErrorCodes.InvalidOption, "page_token takes the next of the page before.");

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapRead("", ListAsync)
            .WithName("ListSessions").WithTags(Tag)
            .WithSummary("Lists the sessions, the latest changed first")
            .WithParameter("limit", DescribeLimit)
            .WithParameter("search", schema => schema.MaxLength = MaxSearchLength)
            .WithParameter("page_token", schema => schema.MaxLength = MaxTokenLength)
            .Produces<SessionList>()
            .WithProblems(400, 403, 503);
        routes.MapRead("/{session_id}", ReadAsync)
            .WithName("ReadSession").WithTags(Tag)
            .WithParameter("before", ApiDescription.DescribeOffset)
            .WithParameter("limit", DescribeLimit)
            .WithSummary("Reads a page of a transcript, oldest message first")
            .WithDescription("Without before: the newest page. Older ones: before is the seq of the first message that you have.")
            .Produces<SessionTranscript>()
            .WithProblems(400, 403, 404, 503)
            .AlsoByLink();
        routes.MapPatch("/{session_id}", RenameAsync)
            .RequireAuthorization(AccessPolicies.Chat)
            .WithName("RenameSession").WithTags(Tag)
            .WithSummary("Gives a session a title")
            .Accepts<RenameBody>("application/json")
            .Produces<SessionTitle>()
            .WithProblems(400, 403, 404, 413, 415, 503);
        routes.MapDelete("/{session_id}", EraseAsync)
            .RequireAuthorization(AccessPolicies.Chat)
            .WithName("EraseSession").WithTags(Tag)
            .WithSummary("Removes a session and all that is known of it, for good")
            .Produces(StatusCodes.Status204NoContent)
            .WithProblems(400, 403, 404, 503);
    }

    private static async Task<IResult> ListAsync(
        HttpContext context,
        ISessionLog log,
        CancellationToken cancellationToken,
        int limit = DefaultLimit,
        [FromQuery(Name = "page_token")] string? pageToken = null,
        string? search = null)
    {
        if (LimitProblem(limit) is { } problem)
        {
            return ApiResults.Refused(problem);
        }

        if (search?.Length > MaxSearchLength)
        {
            return ApiResults.Refused(new Refusal(ErrorCodes.InvalidOption, $"search takes up to {MaxSearchLength} characters."));
        }

        if (pageToken?.Length > MaxTokenLength)
        {
            return ApiResults.Refused(NoSuchPage);
        }

        var query = new SessionQuery
        {
            Owner = SessionAccess.PrincipalOf(context),
            Search = string.IsNullOrWhiteSpace(search) ? null : search.Trim(),
            Limit = limit,
            PageToken = string.IsNullOrEmpty(pageToken) ? null : pageToken,
        };
        try
        {
            var page = await log.ListAsync(query, cancellationToken);
            return ApiResults.Json(new SessionList { Sessions = page.Sessions, Next = page.Next }, ApiJson.Wire.SessionList);
        }
        catch (ArgumentException) when (query.PageToken is not null)
        {
            // Only the store can read its tokens; all else in the query was checked above.
            return ApiResults.Refused(NoSuchPage);
        }
    }

    private static async Task<IResult> ReadAsync(
        HttpContext context,
        [FromRoute(Name = RouteIds.Session)] SessionId sessionId,
        SessionCommands commands,
        CancellationToken cancellationToken,
        Offset? before = null,
        int limit = DefaultLimit)
    {
        if (LimitProblem(limit) is { } problem)
        {
            return ApiResults.Refused(problem);
        }

        if ((await commands.ReadAsync(SessionAccess.CallerOf(context), sessionId, before, limit, cancellationToken))
            .IsRefused(out var refusal, out var page))
        {
            return ApiResults.Refused(refusal);
        }

        var transcript = new SessionTranscript
        {
            SessionId = sessionId,
            Epoch = page.Head.Epoch,
            LastSeq = page.Head.LastSeq,
            TrimmedThrough = page.Head.TrimmedThrough,
            Title = page.Head.Title,
            Messages = page.Messages,
            HasMore = page.HasMore,
            Usage = page.Usage,
            ActiveRun = page.ActiveRun,
        };
        return ApiResults.Json(transcript, ApiJson.Wire.SessionTranscript);
    }

    private static async Task<IResult> RenameAsync(
        HttpContext context,
        [FromRoute(Name = RouteIds.Session)] SessionId sessionId,
        SessionCommands commands,
        IOptions<ApiOptions> options,
        CancellationToken cancellationToken)
    {
        if ((await JsonBody.ReadAsync(context.Request, ApiJson.Wire.RenameBody, options.Value.MaxFrameBytes))
            .IsRefused(out var unreadable, out var body))
        {
            return ApiResults.Refused(unreadable);
        }

        return (await commands.RenameAsync(SessionAccess.PrincipalOf(context), sessionId, body.Title, cancellationToken))
            .IsRefused(out var refusal, out var title)
            ? ApiResults.Refused(refusal)
            : ApiResults.Json(new SessionTitle { SessionId = sessionId, Title = title }, ApiJson.Wire.SessionTitle);
    }

    private static async Task<IResult> EraseAsync(
        HttpContext context,
        [FromRoute(Name = RouteIds.Session)] SessionId sessionId,
        SessionCommands commands,
        CancellationToken cancellationToken)
        => await commands.EraseAsync(SessionAccess.PrincipalOf(context), sessionId, cancellationToken) is { } refusal
            ? ApiResults.Refused(refusal)
            : TypedResults.NoContent();

    private static void DescribeLimit(OpenApiSchema schema)
    {
        schema.Type = JsonSchemaType.Integer;
        schema.Minimum = "1";
        schema.Maximum = $"{MaxLimit}";
    }

    private static Refusal? LimitProblem(int limit)
        => limit is >= 1 and <= MaxLimit
            ? null
            : new Refusal(ErrorCodes.InvalidOption, $"limit takes a whole number from 1 to {MaxLimit}.");
}
