using System.Net;

namespace AgentStream.Worker.Tools.Mcp.Sessions;

/// <summary>Tells from a server's HTTP status and words that it does not know a session, which servers say in many ways.</summary>
/// <remarks>
/// Seen: 404 (as the protocol says), 400 with "No valid session ID provided", "Invalid session ID" or "Server not initialized", 401 with
/// "Session not found", 410.
/// The SDK knows 404 alone, and then breaks off all other requests of the session too.
/// </remarks>
/// <param name="inner">Sends requests.</param>
/// <param name="signsIn">Whether a refusal that asks for a token is for the SDK, whatever words it has.</param>
internal sealed class SessionHandler(HttpMessageHandler inner, bool signsIn = false) : DelegatingHandler(inner)
{
    private const string SessionHeader = "Mcp-Session-Id";
    private const string TokenScheme = "Bearer";

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        if ((int)response.StatusCode is < 400 or >= 500 || (signsIn && AsksForToken(response)))
        {
            return response;
        }

        var hasSession = request.Headers.Contains(SessionHeader);
        if (request.Method == HttpMethod.Get && hasSession)
        {
            // A server without a stream of its own messages, which is no reason to begin a new session: whether it knows this one, the next
            // request shows.
            response.StatusCode = HttpStatusCode.MethodNotAllowed;
        }
        else if (request.Method == HttpMethod.Post && await IsAboutSessionAsync(response, hasSession, cancellationToken))
        {
            if (hasSession)
            {
                response.Dispose();
                throw new SessionForgottenException("The server does not know the session.");
            }

            // What the SDK understands: it begins one.
            response.StatusCode = HttpStatusCode.BadRequest;
        }

        return response;
    }

    private static bool AsksForToken(HttpResponseMessage response)
        => response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden
            && response.Headers.WwwAuthenticate.Any(header => header.Scheme.Equals(TokenScheme, StringComparison.OrdinalIgnoreCase));

    private static async Task<bool> IsAboutSessionAsync(HttpResponseMessage response, bool hasSession, CancellationToken cancellationToken)
    {
        if (hasSession && response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone)
        {
            return true;
        }

        await response.Content.LoadIntoBufferAsync(cancellationToken);
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        return text.Contains("session", StringComparison.OrdinalIgnoreCase)
            || text.Contains("not initialized", StringComparison.OrdinalIgnoreCase);
    }
}
