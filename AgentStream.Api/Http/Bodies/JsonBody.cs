using System.Buffers;
using System.Text.Json.Serialization.Metadata;
using AgentStream.Api.Commands;
using AgentStream.Messaging.Protocol;
using Microsoft.Extensions.Options;

namespace AgentStream.Api.Http.Bodies;

/// <summary>Reads a JSON body within the limits that frames have.</summary>
internal static class JsonBody
{
    public static async ValueTask<Answer<T>> ReadAsync<T>(HttpRequest request, JsonTypeInfo<T> typeInfo, int maxBytes)
        where T : class
    {
        // Also a guard: a page of another origin can't send this type without asking first (CORS preflight).
        if (!request.HasJsonContentType())
        {
            return new Refusal(ErrorCodes.UnsupportedMediaType, "Send JSON, with Content-Type: application/json.");
        }

        var reader = request.BodyReader;
        while (true)
        {
            var result = await reader.ReadAsync(request.HttpContext.RequestAborted);
            if (result.Buffer.Length > maxBytes)
            {
                // The server reads the rest away, and may not while this read is open.
                reader.AdvanceTo(result.Buffer.End);
                return new Refusal(ErrorCodes.BodyTooLarge, $"The body is larger than {maxBytes} bytes: shorten it.");
            }

            if (result.IsCompleted)
            {
                var answer = PayloadReader.ReadBody(
                    result.Buffer.IsSingleSegment ? result.Buffer.First : result.Buffer.ToArray(), typeInfo, MaxDepthOf(request));
                reader.AdvanceTo(result.Buffer.End);
                return answer;
            }

            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    private static int MaxDepthOf(HttpRequest request)
        => request.HttpContext.RequestServices.GetRequiredService<IOptions<ApiOptions>>().Value.MaxJsonDepth;
}
