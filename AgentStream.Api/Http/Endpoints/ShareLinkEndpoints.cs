using AgentStream.Access;
using AgentStream.Api.Access;
using AgentStream.Api.Commands;
using AgentStream.Api.Http.Bodies;
using AgentStream.Api.Http.Description;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace AgentStream.Api.Http.Endpoints;

/// <summary>
/// The links by which owners share a session for reading. Mapped only where callers are asked who they are:
/// elsewhere everybody sees everything.
/// </summary>
internal static class ShareLinkEndpoints
{
    public const int ShortestSeconds = 60;
    public const int LongestSeconds = 366 * 24 * 60 * 60;

    private const string Tag = "Links";

    private static Refusal NoSuchLink { get; } = new(ErrorCodes.NoSuchLink, "This session has no such link: it was revoked, or has ended.");

    private static Refusal TooManyLinks { get; } = new(
        ErrorCodes.TooManyLinks, $"A session has {ShareLinks.MostOfASession} links at most: revoke one that nobody needs any more.");

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/{session_id}/links", AddAsync)
            .RequireAuthorization(AccessPolicies.Chat)
            .WithName("AddLink").WithTags(Tag)
            .WithSummary("Makes a link that shows the session to whoever has it, for reading and live")
            .WithDescription("The secret is told this once. It goes into Authorization: Bearer, or after the # of /shared/{session_id}.")
            .Accepts<LinkBody>("application/json")
            .Produces<NewLink>(StatusCodes.Status201Created)
            .WithProblems(400, 403, 404, 409, 413, 415, 503);
        routes.MapRead("/{session_id}/links", ListAsync)
            .WithName("ListLinks").WithTags(Tag)
            .WithSummary("Lists the links of a session that hold, the newest first, without their secrets")
            .Produces<LinkList>()
            .WithProblems(400, 403, 404, 503);
        routes.MapDelete("/{session_id}/links/{link_id}", RevokeAsync)
            .RequireAuthorization(AccessPolicies.Chat)
            .WithName("RevokeLink").WithTags(Tag)
            .WithSummary("Revokes a link; what is open with it is closed within seconds")
            .Produces(StatusCodes.Status204NoContent)
            .WithProblems(400, 403, 404, 503);
    }

    private static async Task<IResult> AddAsync(
        HttpContext context,
        [FromRoute(Name = RouteIds.Session)] SessionId sessionId,
        SessionCommands commands,
        ShareLinks links,
        IOptions<ApiOptions> options,
        CancellationToken cancellationToken)
    {
        if ((await JsonBody.ReadAsync(context.Request, ApiJson.Wire.LinkBody, options.Value.MaxFrameBytes))
            .IsRefused(out var unreadable, out var body))
        {
            return ApiResults.Refused(unreadable);
        }

        if (body.ExpiresIn is < ShortestSeconds or > LongestSeconds)
        {
            return ApiResults.Refused(new Refusal(
                ErrorCodes.InvalidOption,
                $"expires_in takes {ShortestSeconds} to {LongestSeconds} seconds, or is left out for a link that does not end by itself."));
        }

        var caller = SessionAccess.CallerOf(context);
        if ((await commands.ReadAsync(caller, sessionId, cancellationToken)).IsRefused(out var refusal, out _))
        {
            return ApiResults.Refused(refusal);
        }

        var lifetime = body.ExpiresIn is { } seconds ? TimeSpan.FromSeconds(seconds) : (TimeSpan?)null;
        if (await links.AddAsync(sessionId, caller.Id, lifetime, cancellationToken) is not { } made)
        {
            return ApiResults.Refused(TooManyLinks);
        }

        // Erased meanwhile: whoever erased may have looked for links before this one was there.
        if ((await commands.ReadAsync(caller, sessionId, cancellationToken)).IsRefused(out var gone, out _))
        {
            await links.RevokeAsync(sessionId, made.Link.Id, cancellationToken);
            return ApiResults.Refused(gone);
        }

        return ApiResults.Json(NewLink.Of(made.Link, made.Secret), ApiJson.Wire.NewLink, StatusCodes.Status201Created);
    }

    private static async Task<IResult> ListAsync(
        HttpContext context,
        [FromRoute(Name = RouteIds.Session)] SessionId sessionId,
        SessionCommands commands,
        ShareLinks links,
        CancellationToken cancellationToken)
    {
        if ((await commands.ReadAsync(SessionAccess.CallerOf(context), sessionId, cancellationToken)).IsRefused(out var refusal, out _))
        {
            return ApiResults.Refused(refusal);
        }

        var all = await links.ListAsync(sessionId, cancellationToken);
        return ApiResults.Json(new LinkList { Links = [.. all.Select(LinkSummary.Of)] }, ApiJson.Wire.LinkList);
    }

    private static async Task<IResult> RevokeAsync(
        HttpContext context,
        [FromRoute(Name = RouteIds.Session)] SessionId sessionId,
        [FromRoute(Name = RouteIds.Link)] string linkId,
        SessionCommands commands,
        ShareLinks links,
        CancellationToken cancellationToken)
    {
        if ((await commands.ReadAsync(SessionAccess.CallerOf(context), sessionId, cancellationToken)).IsRefused(out var refusal, out _))
        {
            return ApiResults.Refused(refusal);
        }

        return await links.RevokeAsync(sessionId, linkId, cancellationToken) ? TypedResults.NoContent() : ApiResults.Refused(NoSuchLink);
    }
}
