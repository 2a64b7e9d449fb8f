namespace AgentStream.Client.Extensions;

/// <summary>
/// Takes the factory's handlers for each request, so that they are renewed as it wants them to be,
/// and asks for sockets in the words of HTTP, which service discovery understands.
/// </summary>
internal sealed class FreshHandlers(IHttpMessageHandlerFactory factory, string name) : HttpMessageHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.RequestUri is { Scheme: "ws" or "wss" } socket)
        {
            request.RequestUri = new UriBuilder(socket) { Scheme = socket.Scheme == "wss" ? "https" : "http", Port = socket.Port }.Uri;
        }

        // The factory keeps what it gives away: this does not end it.
        using var invoker = new HttpMessageInvoker(factory.CreateHandler(name), disposeHandler: false);
        return await invoker.SendAsync(request, cancellationToken).ConfigureAwait(false);
    }
}
