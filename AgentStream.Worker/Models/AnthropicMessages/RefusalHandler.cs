using AgentStream.Worker.Models.Wire;

namespace AgentStream.Worker.Models.AnthropicMessages;

/// <summary>
/// Takes refusals out of the SDK's hands, which keeps their text but not their headers (<c>Retry-After</c>),
/// and notices servers that do not speak this protocol.
/// </summary>
internal sealed class RefusalHandler(HttpMessageHandler inner, TimeProvider time) : DelegatingHandler(inner)
{
    // A sentence of JSON; whatever is longer is a page.
    private const long MaxRefusal = 1024 * 1024;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            using (response)
            {
                throw await RefusalAsync(response, cancellationToken);
            }
        }

        if (response.Content.Headers.ContentType?.MediaType == "text/html")
        {
            response.Dispose();
            throw new WireException(WireProblem.NotTheApi, "The server answered with a web page.");
        }

        return response;
    }

    private async Task<WireException> RefusalAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await response.Content.LoadIntoBufferAsync(MaxRefusal, cancellationToken);
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        return new WireException(WireProblem.ServerError, $"The server refused with {(int)response.StatusCode}.")
        {
            ServerError = ServerError.Read((int)response.StatusCode, text) with
            {
                RetryAfter = RetryAfter.Read(
                    HeaderOf(response, RetryAfter.Header), HeaderOf(response, RetryAfter.MillisecondsHeader), time.GetUtcNow()),
            },
        };
    }

    private static string? HeaderOf(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;
}
