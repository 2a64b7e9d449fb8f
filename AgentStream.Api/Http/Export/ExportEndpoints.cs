using AgentStream.Api.Access;
using AgentStream.Api.Commands;
using AgentStream.Api.Http.Bodies;
using AgentStream.Api.Http.Description;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;
using Microsoft.AspNetCore.Mvc;

namespace AgentStream.Api.Http.Export;

/// <summary>A whole session as a file.</summary>
internal static class ExportEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
        => routes.MapRead("/{session_id}/export", ExportAsync)
            .WithName("ExportSession").WithTags("Sessions")
            .WithSummary("Downloads a whole transcript as Markdown or JSON")
            .WithParameter("format", schema => schema.Enum = ["markdown", "json"])
            .Produces<string>(StatusCodes.Status200OK, "text/markdown", "application/json")
            .WithProblems(400, 403, 404, 503)
            .AlsoByLink();

    private static async Task<IResult> ExportAsync(
        HttpContext context,
        [FromRoute(Name = RouteIds.Session)] SessionId sessionId,
        SessionCommands commands,
        TranscriptPages pages,
        TimeProvider time,
        CancellationToken cancellationToken,
        string format = "markdown")
    {
        if (format is not ("markdown" or "json"))
        {
            return ApiResults.Refused(new Refusal(ErrorCodes.InvalidOption, "format takes markdown or json."));
        }

        if ((await commands.ReadAsync(SessionAccess.CallerOf(context), sessionId, cancellationToken))
            .IsRefused(out var refusal, out var head))
        {
            return ApiResults.Refused(refusal);
        }

        // All that can fail before the first byte, does.
        var starts = await pages.FindAsync(head, cancellationToken);
        var messages = pages.ReadAsync(head, starts, cancellationToken);
        var isMarkdown = format == "markdown";
        var response = context.Response;
        response.ContentType = isMarkdown ? "text/markdown; charset=utf-8" : "application/json; charset=utf-8";
        response.Headers.ContentDisposition = $"attachment; filename=\"agentstream-{sessionId}.{(isMarkdown ? "md" : "json")}\"";
        response.Headers.CacheControl = "no-store";
        await (isMarkdown
            ? MarkdownExport.WriteAsync(response.BodyWriter, head, time.GetUtcNow(), messages, cancellationToken)
            : JsonExport.WriteAsync(response.BodyWriter, head, time.GetUtcNow(), messages, cancellationToken));
        return Results.Empty;
    }
}
