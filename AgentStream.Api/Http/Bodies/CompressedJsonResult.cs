using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Net.Http.Headers;

namespace AgentStream.Api.Http.Bodies;

/// <summary>An answer in JSON, compressed for who takes that.</summary>
/// <remarks>
/// Only for what holds nobody's secret and nothing that the caller said: how well those compress together tells of each other (BREACH).
/// </remarks>
internal sealed class CompressedJsonResult<T>(T value, JsonTypeInfo<T> typeInfo) : IResult
{
    private const string Encoding = "gzip";

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.ContentType = "application/json; charset=utf-8";
        response.Headers.Append(HeaderNames.Vary, HeaderNames.AcceptEncoding);
        if (!IsTaken(httpContext.Request))
        {
            await JsonSerializer.SerializeAsync(response.Body, value, typeInfo, httpContext.RequestAborted);
            return;
        }

        response.Headers.ContentEncoding = Encoding;
        await using var compressed = new GZipStream(response.Body, CompressionLevel.Optimal, leaveOpen: true);
        await JsonSerializer.SerializeAsync(compressed, value, typeInfo, httpContext.RequestAborted);
    }

    private static bool IsTaken(HttpRequest request)
        => request.GetTypedHeaders().AcceptEncoding
            .Any(encoding => encoding.Value.Equals(Encoding, StringComparison.OrdinalIgnoreCase) && encoding.Quality is not 0);
}
