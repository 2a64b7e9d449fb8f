using AgentStream.Access;
using AgentStream.Api.Access;
using AgentStream.Api.Commands;
using AgentStream.Api.Http.Bodies;
using AgentStream.Api.Http.Description;
using AgentStream.Messaging;
using AgentStream.Messaging.Attachments;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace AgentStream.Api.Http.Endpoints;

/// <summary>The files that come with messages: added before, named by the message, and read by whoever may read their session.</summary>
internal static class AttachmentEndpoints
{
    private const string Tag = "Attachments";

    // What a sender calls an image may be anything: whoever opens it by its address gets a picture, and nothing that could act.
    private const string SandboxPolicy = "default-src 'none'; sandbox; frame-ancestors 'none'";

    private static readonly TimeSpan UntilRoomIsSeen = TimeSpan.FromMinutes(1);

    public static void MapLimits(IEndpointRouteBuilder routes)
        => routes.MapRead("/attachments", TellLimits)
            .WithName("ReadAttachmentLimits").WithTags(Tag)
            .WithSummary("Tells what may be attached to messages")
            .Produces<AttachmentLimits>()
            .WithProblems(403);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/{session_id}/attachments", AddAsync)
            .RequireAuthorization(AccessPolicies.Chat)
            .WithName("AddAttachment").WithTags(Tag)
            .WithSummary("Adds a file for a message that is still to come, which names it by its id")
            .WithDescription(
                "The body is the file itself. The session need not be there yet. What no message names goes after a while.")
            .Accepts<Stream>("*/*")
            .WithFileName()
            .Produces<Attachment>(StatusCodes.Status201Created)
            .WithProblems(400, 403, 404, 413, 415, 429, 503);
        routes.MapRead("/{session_id}/attachments/{attachment_id}", ReadAsync)
            .WithName("ReadAttachment").WithTags(Tag)
            .WithSummary("Gives a file that came with a message of the session")
            .Produces<string>(StatusCodes.Status200OK, "application/octet-stream", [.. AttachmentTypes.Images])
            .WithProblems(400, 403, 404, 503)
            .AlsoByLink();
        routes.MapDelete("/{session_id}/attachments/{attachment_id}", RemoveAsync)
            .RequireAuthorization(AccessPolicies.Chat)
            .WithName("RemoveAttachment").WithTags(Tag)
            .WithSummary("Removes a file that no message has named yet")
            .Produces(StatusCodes.Status204NoContent)
            .WithProblems(400, 403, 404, 503);
    }

    private static IResult TellLimits(IOptions<MessagingOptions> options)
        => ApiResults.Json(AttachmentLimits.Of(options.Value), ApiJson.Wire.AttachmentLimits);

    private static async Task<IResult> AddAsync(
        HttpContext context,
        [FromRoute(Name = RouteIds.Session)] SessionId sessionId,
        [FromServices] IAttachments attachments,
        CallerLimits limits,
        ConnectionPlaces places,
        IOptions<MessagingOptions> options,
        CancellationToken cancellationToken)
    {
        var (request, principal) = (context.Request, SessionAccess.PrincipalOf(context));
        if ((limits.TakeMessage(principal, limits.AddressOf(context))
            ?? limits.TakeUpload(principal, request.ContentLength ?? options.Value.MaxAttachmentBytes)) is { } tooMany)
        {
            return ApiResults.Refused(tooMany);
        }

        if (places.Take(context).IsRefused(out var full, out var taken))
        {
            return ApiResults.Refused(full);
        }

        using var place = taken;
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            // The store reads no further than it may keep.
            size.MaxRequestBodySize = null;
        }

        var file = new AttachmentFile(NameIn(request), request.ContentType, request.ContentLength);
        var added = await attachments.AddAsync(sessionId, principal, file, request.Body, cancellationToken);
        return added.Attachment is { } attachment
            ? ApiResults.Json(attachment, ApiJson.Wire.Attachment, StatusCodes.Status201Created)
            : ApiResults.Refused(Refuse(added.Status, options.Value));
    }

    private static async Task<IResult> ReadAsync(
        HttpContext context,
        [FromRoute(Name = RouteIds.Session)] SessionId sessionId,
        [FromRoute(Name = RouteIds.Attachment)] AttachmentId attachmentId,
        SessionCommands commands,
        [FromServices] IAttachments attachments,
        CancellationToken cancellationToken)
    {
        if ((await commands.ReadAsync(SessionAccess.CallerOf(context), sessionId, cancellationToken)).IsRefused(out var refusal, out _))
        {
            return ApiResults.Refused(refusal);
        }

        if (await attachments.GetAsync(sessionId, attachmentId, cancellationToken) is not { } attachment)
        {
            return ApiResults.Refused(SentAttachments.NoSuchAttachment);
        }

        var isImage = AttachmentTypes.IsImage(attachment.MediaType);
        var disposition = new ContentDispositionHeaderValue(isImage ? "inline" : "attachment");
        disposition.SetHttpFileName(attachment.Name);
        var response = context.Response;
        response.ContentType = isImage ? attachment.MediaType : "application/octet-stream";
        response.ContentLength = attachment.Size;
        response.Headers.ContentDisposition = disposition.ToString();
        response.Headers.ContentSecurityPolicy = SandboxPolicy;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await foreach (var part in attachments.ReadAsync(sessionId, attachment, cancellationToken))
            {
                await response.Body.WriteAsync(part, cancellationToken);
            }
        }

        return Results.Empty;
    }

    private static async Task<IResult> RemoveAsync(
        HttpContext context,
        [FromRoute(Name = RouteIds.Session)] SessionId sessionId,
        [FromRoute(Name = RouteIds.Attachment)] AttachmentId attachmentId,
        [FromServices] IAttachments attachments,
        CancellationToken cancellationToken)
        => await attachments.RemoveAsync(sessionId, SessionAccess.PrincipalOf(context), attachmentId, cancellationToken)
            ? TypedResults.NoContent()
            : ApiResults.Refused(SentAttachments.NoSuchAttachment);

    private static string? NameIn(HttpRequest request)
        => ContentDispositionHeaderValue.TryParse(request.Headers.ContentDisposition.ToString(), out var disposition)
            ? (disposition.FileNameStar.HasValue ? disposition.FileNameStar : HeaderUtilities.RemoveQuotes(disposition.FileName)).Value
            : null;

    private static Refusal Refuse(AddedStatus status, MessagingOptions limits) => status switch
    {
        AddedStatus.Empty => new Refusal(ErrorCodes.InvalidMessage, "The file is empty: send its bytes as the body."),
        AddedStatus.TooLarge when limits.MaxAttachmentBytes == 0 => new Refusal(
            ErrorCodes.BodyTooLarge, "No files are taken here."),
        AddedStatus.TooLarge => new Refusal(
            ErrorCodes.BodyTooLarge, $"The file is larger than {limits.MaxAttachmentBytes} bytes: send a smaller one, or a part of it."),
        AddedStatus.UnknownType => new Refusal(
            ErrorCodes.UnsupportedMediaType, $"Files that can be attached are {AttachmentTypes.Sentence}."),
        AddedStatus.SessionFull => new Refusal(
            ErrorCodes.StorageLimit,
            $"The files of a session have {limits.MaxAttachmentBytesPerSession} bytes at most: begin another session for this one.",
            RetryAfter: limits.UnsentAttachmentLifetime),
        AddedStatus.OwnerFull => new Refusal(
            ErrorCodes.StorageLimit, "Your sessions take as much room as one may have: erase some, and send this again after a minute.",
            RetryAfter: UntilRoomIsSeen),
        AddedStatus.NotOwner => CallerRefusals.NoSuchSession,
        _ => throw new InvalidOperationException($"The store answered {status}, which nobody knows."),
    };
}
