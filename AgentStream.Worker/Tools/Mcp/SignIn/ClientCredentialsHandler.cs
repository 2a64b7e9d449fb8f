using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace AgentStream.Worker.Tools.Mcp.SignIn;

/// <summary>
/// Signs in to a server as a client of its own (RFC 6749, section 4.4): asks for a token where the server says, and for another one when
/// that is not good any more. Which the SDK does not do.
/// </summary>
internal sealed class ClientCredentialsHandler(Uri server, McpOAuthOptions settings, TimeProvider time, HttpMessageHandler inner)
    : DelegatingHandler(inner)
{
    private const string Scheme = "Bearer";

    private readonly SemaphoreSlim _turn = new(1, 1);
    private volatile Token? _token;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Content is not null)
        {
            // It may have to be sent twice.
            await request.Content.LoadIntoBufferAsync(cancellationToken);
        }

        var used = Good();
        Sign(request, used);
        var response = await base.SendAsync(request, cancellationToken);
        if (response.StatusCode != HttpStatusCode.Unauthorized)
        {
            return response;
        }

        using (response)
        {
            Sign(request, await NextAsync(used, response, cancellationToken));
        }

        return await base.SendAsync(request, cancellationToken);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _turn.Dispose();
        }

        base.Dispose(disposing);
    }

    private static void Sign(HttpRequestMessage request, Token? token)
        => request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue(Scheme, token.Text);

    private Token? Good() => _token is { } token && (token.Expires is null || token.Expires > time.GetUtcNow()) ? token : null;

    private async Task<Token> NextAsync(Token? used, HttpResponseMessage refusal, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            // Many requests are refused at the same time, and one token is enough for all.
            return Good() is { } other && other != used ? other : _token = await AskAsync(refusal, cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<Token> AskAsync(HttpResponseMessage refusal, CancellationToken cancellationToken)
    {
        using var http = new HttpMessageInvoker(InnerHandler!, disposeHandler: false);
        var place = await TokenPlace.FindAsync(http, server, refusal, cancellationToken);
        using var request = RequestTo(place);
        using var response = await http.SendAsync(request, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            // What it says of the reason may be anything; the status is enough to look there.
            throw new McpSignInException(
                $"The authorisation server gives no token for {server} (HTTP {(int)response.StatusCode}); ClientId and ClientSecret have "
                    + "to be those that it knows.");
        }

        var answer = await ReadAsync(response, cancellationToken);
        if (answer?.AccessToken is not { Length: > 0 } text || !Scheme.Equals(answer.TokenType, StringComparison.OrdinalIgnoreCase))
        {
            throw new McpSignInException($"The authorisation server gives something else than a bearer token for {server}.");
        }

        return new Token(text, answer.ExpiresIn is { } seconds ? time.GetUtcNow().AddSeconds(seconds) : null);
    }

    private HttpRequestMessage RequestTo(TokenPlace place)
    {
        var form = new Dictionary<string, string>
        {
            ["grant_type"] = McpOAuthOptions.ClientCredentials,
            ["resource"] = place.Resource,
        };
        if (settings.ScopesBeside(place.Scopes) is { Count: > 0 } scopes)
        {
            form["scope"] = string.Join(' ', scopes);
        }

        var request = new HttpRequestMessage(HttpMethod.Post, place.Endpoint);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        if (place.TakesBasic)
        {
            var pair = $"{Uri.EscapeDataString(settings.ClientId)}:{Uri.EscapeDataString(settings.ClientSecret)}";
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(pair)));
        }
        else
        {
            form["client_id"] = settings.ClientId;
            form["client_secret"] = settings.ClientSecret;
        }

        request.Content = new FormUrlEncodedContent(form);
        return request;
    }

    private static async Task<TokenAnswer?> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            return await response.Content.ReadFromJsonAsync(McpTokenJson.Default.TokenAnswer, cancellationToken);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // A class, so that nothing writes its text by chance.
    private sealed class Token(string text, DateTimeOffset? expires)
    {
        public string Text => text;

        public DateTimeOffset? Expires => expires;
    }
}
