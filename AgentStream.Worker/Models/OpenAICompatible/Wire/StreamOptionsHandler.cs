using AgentStream.Worker.Models.Wire;
using AgentStream.Worker.Models.Wire.Replies;

namespace AgentStream.Worker.Models.OpenAICompatible.Wire;

/// <summary>
/// The SDK always asks for usage (<c>stream_options</c>), and some servers refuse a request that has a field they don't know.
/// Such a server is asked again without, and from then on always without: its usage is then estimated.
/// </summary>
internal sealed class StreamOptionsHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private volatile bool _refused;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (!await RequestBody.AsksForStreamAsync(request, cancellationToken))
        {
            return await base.SendAsync(request, cancellationToken);
        }

        if (_refused)
        {
            return await SendWithoutAsync(request, cancellationToken);
        }

        var response = await base.SendAsync(request, cancellationToken);
        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        // Buffered, so that the SDK can read it too if it is about something else.
        await response.Content.LoadIntoBufferAsync(cancellationToken);
        var error = ServerError.Read((int)response.StatusCode, await response.Content.ReadAsStringAsync(cancellationToken));
        if (!error.RefusesStreamOptions)
        {
            return response;
        }

        _refused = true;
        response.Dispose();
        return await SendWithoutAsync(request, cancellationToken);
    }

    private async Task<HttpResponseMessage> SendWithoutAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        await base.SendAsync(
            await RequestBody.ChangedAsync(request, body => body.Remove("stream_options"), cancellationToken), cancellationToken);
}
