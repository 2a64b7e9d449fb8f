using System.Text.Encodings.Web;
using System.Text.Json;
using AgentStream.Access;
using Microsoft.AspNetCore.Mvc;

namespace AgentStream.Web.Markdown;

/// <summary>
/// <c>POST /markdown</c>: reads complete blocks of answers for the page, <c>{"blocks": [text…]}</c> to <c>{"blocks": [tree or null…]}</c>.
/// It keeps nothing, knows no session and changes nothing, so a forged request wins nothing; what it could cost is bounded:
/// the size of a request, the number and length of its blocks, and how many are read at once.
/// </summary>
internal static class MarkdownEndpoint
{
    /// <summary>Bytes of a request; the page asks for at most 60,000 characters at a time.</summary>
    internal const int MaxBodyBytes = 512 * 1024;

    /// <summary>Blocks of a request.</summary>
    internal const int MaxBlocks = 64;

    /// <summary>
    /// Characters of a block; a longer one is answered with null, and the page reads it itself.
    /// The parser's time grows with the square of the length for text that is made for it (<c>*a_ </c> again and again),
    /// so this bounds what one request can cost, and not <see cref="MaxCharacters"/> alone.
    /// </summary>
    internal const int MaxBlockLength = 16_000;

    /// <summary>Characters of all blocks together: the page asks for up to 60,000 at a time.</summary>
    internal const int MaxCharacters = 64_000;

    private static readonly JsonWriterOptions Unescaped = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // Reading is work for the processor alone: more at once would not be faster, only unfair to the pages and,
    // in one process with it, to the API. So one processor stays free of it.
    private static readonly SemaphoreSlim Readers = new(Math.Max(1, Environment.ProcessorCount - 1));

    public static void MapMarkdown(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapPost("/markdown", AnswerAsync).WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes));

    private static async Task<IResult> AnswerAsync(HttpContext context, CancellationToken cancellationToken)
    {
        if (context.GetCaller() is null)
        {
            return Results.StatusCode(StatusCodes.Status401Unauthorized);
        }

        // Other sites' pages can't send JSON here without asking first, and are never allowed;
        // browsers that say where a request comes from are told at once.
        if (context.Request.Headers["Sec-Fetch-Site"].ToString() is not ("" or "same-origin" or "none"))
        {
            return Results.StatusCode(StatusCodes.Status403Forbidden);
        }

        if (!context.Request.HasJsonContentType())
        {
            return Results.StatusCode(StatusCodes.Status415UnsupportedMediaType);
        }

        MarkdownRequest? request;
        try
        {
            request = await JsonSerializer.DeserializeAsync(context.Request.Body, MarkdownJson.Default.MarkdownRequest, cancellationToken);
        }
        catch (JsonException)
        {
            return Results.StatusCode(StatusCodes.Status400BadRequest);
        }
        catch (BadHttpRequestException problem)
        {
            return Results.StatusCode(problem.StatusCode);
        }

        // JSON has null wherever a type of ours has none.
        if (request?.Blocks is not { } blocks
            || blocks.Count > MaxBlocks
            || blocks.Any(block => block is null)
            || blocks.Sum(block => block.Length) > MaxCharacters)
        {
            return Results.StatusCode(StatusCodes.Status400BadRequest);
        }

        await Readers.WaitAsync(cancellationToken);
        try
        {
            return Results.Bytes(Read(blocks), "application/json");
        }
        finally
        {
            Readers.Release();
        }
    }

    private static byte[] Read(IReadOnlyList<string> blocks)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Unescaped))
        {
            var tree = new MarkdownTree(json);
            json.WriteStartObject();
            json.WriteStartArray("blocks");
            foreach (var block in blocks)
            {
                if (block.Length <= MaxBlockLength && MarkdownParser.Parse(block) is { } parsed)
                {
                    tree.Write(parsed);
                }
                else
                {
                    json.WriteNullValue();
                }
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }
}
