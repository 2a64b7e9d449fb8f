using System.Net.Http.Headers;
using AgentStream.Worker.Models.Wire.Replies;

namespace AgentStream.Worker.Models.OpenAICompatible.Wire;

/// <summary>
/// Brings replies into the form that the SDK reads, streamed or whole, and notices streams that end before their reply does.
/// </summary>
internal sealed class ReplyNormalizingHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    // Longer than any reply; a server gone mad must not fill the memory.
    private const long MaxWholeReply = 64 * 1024 * 1024;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var streams = await RequestBody.AsksForStreamAsync(request, cancellationToken);
        var response = await base.SendAsync(request, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            return response;
        }

        response.Content = streams
            ? Content(
                new StreamContent(new ReplyStream(await response.Content.ReadAsStreamAsync(cancellationToken), new ReplyNormalizer())),
                "text/event-stream")
            : Content(new ByteArrayContent(await ReadWholeAsync(response.Content, cancellationToken)), "application/json");
        return response;
    }

    private static async Task<byte[]> ReadWholeAsync(HttpContent content, CancellationToken cancellationToken)
    {
        await content.LoadIntoBufferAsync(MaxWholeReply, cancellationToken);
        return new ReplyNormalizer().Whole(await content.ReadAsByteArrayAsync(cancellationToken));
    }

    private static HttpContent Content(HttpContent content, string mediaType)
    {
        content.Headers.ContentType = new MediaTypeHeaderValue(mediaType);
        return content;
    }
}
