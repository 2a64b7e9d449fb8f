using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using AgentStream.Worker.Models.Wire.Replies;

namespace AgentStream.Worker.Models.AnthropicMessages;

/// <summary>Brings replies into the form that the SDK reads, streamed or whole.</summary>
internal sealed class MessagesHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var streams = await RequestBody.AsksForStreamAsync(request, cancellationToken);
        var response = await base.SendAsync(request, cancellationToken);
        if (streams)
        {
            var source = await response.Content.ReadAsStreamAsync(cancellationToken);
            response.Content = new StreamContent(new ReplyStream(source, new MessagesProtocol()));
            response.Content.Headers.ContentType = new MediaTypeHeaderValue("text/event-stream");
        }
        else if (await WholeAsync(response.Content, cancellationToken) is { } whole)
        {
            response.Content = new ByteArrayContent(whole);
            response.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        return response;
    }

    private static async Task<byte[]?> WholeAsync(HttpContent content, CancellationToken cancellationToken)
    {
        await content.LoadIntoBufferAsync(cancellationToken);
        try
        {
            return JsonNode.Parse(await content.ReadAsByteArrayAsync(cancellationToken)) is JsonObject message
                ? JsonSerializer.SerializeToUtf8Bytes(MessagesProtocol.Standard(message), WireJsonContext.Default.JsonObject)
                : null;
        }
        catch (JsonException)
        {
            // What the SDK says of it is as good as anything.
            return null;
        }
    }
}
