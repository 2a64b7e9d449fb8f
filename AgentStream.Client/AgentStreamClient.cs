using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AgentStream.Client.Connections;
using AgentStream.Client.Wire;

namespace AgentStream.Client;

/// <summary>Talks to an AgentStream server. Safe to use from any thread; one is enough for a program.</summary>
public sealed class AgentStreamClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly bool _ownsHttp;

    /// <summary>Makes a client with connections of its own and the default settings.</summary>
    /// <param name="address">Where the API is, such as <c>http://localhost:8000</c>.</param>
    public AgentStreamClient(Uri address)
        : this(address, null)
    {
    }

    /// <summary>Makes a client with connections of its own.</summary>
    /// <param name="address">Where the API is, such as <c>http://localhost:8000</c>.</param>
    /// <param name="options">Settings; <c>null</c>: the defaults.</param>
    public AgentStreamClient(Uri address, AgentStreamClientOptions? options)
        : this(new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5) }), address, options)
        => _ownsHttp = true;

    /// <summary>Makes a client that goes through somebody else's <see cref="HttpClient"/>, with its sockets too.</summary>
    /// <param name="http">With the server's address as <see cref="HttpClient.BaseAddress"/>. It is not disposed.</param>
    /// <param name="options">Settings; <c>null</c>: the defaults.</param>
    public AgentStreamClient(HttpClient http, AgentStreamClientOptions? options)
        : this(http, (http ?? throw new ArgumentNullException(nameof(http))).BaseAddress, options)
    {
    }

    private AgentStreamClient(HttpClient http, Uri? address, AgentStreamClientOptions? options)
    {
        if (address is not { IsAbsoluteUri: true, Scheme: "http" or "https" })
        {
            throw new ArgumentException(
                $"The server's address is '{address}'; it takes an absolute http or https address, for example http://localhost:8000.");
        }

        // A path is the prefix under which the server is published.
        Address = address.AbsoluteUri.EndsWith('/') ? address : new Uri($"{address.AbsoluteUri}/");
        Options = (options ?? new AgentStreamClientOptions()).Checked();
        _http = http;
    }

    /// <summary>Where the API is.</summary>
    public Uri Address { get; }

    internal AgentStreamClientOptions Options { get; }

    /// <summary>A session. It needs no making: it exists from its first message on.</summary>
    /// <param name="id">1 to 128 of <c>A-Z a-z 0-9 _ -</c>; <c>null</c>: a new one with a random id, which nobody can guess.</param>
    public AgentSession Session(string? id = null)
    {
        if (id is not null && (id.Length is 0 or > 128 || !id.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-')))
        {
            throw new ArgumentException($"'{id}' is none: a session id has 1 to 128 of the characters A-Z a-z 0-9 _ -.", nameof(id));
        }

        return new AgentSession(this, id ?? Outgoing.NewId());
    }

    /// <summary>The agents that can be asked.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<IReadOnlyList<AgentDescription>> GetAgentsAsync(CancellationToken cancellationToken = default)
        => SendAsync(HttpMethod.Get, "api/agents", null, WireJson.Default.IReadOnlyListAgentDescription, cancellationToken);

    /// <summary>The caller's sessions, the latest changed first, page by page as they are read.</summary>
    /// <param name="search">What their titles contain; <c>null</c>: all.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async IAsyncEnumerable<SessionSummary> GetSessionsAsync(
        string? search = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        string? next = null;
        do
        {
            var query = $"api/sessions?limit=100{Parameter("search", search)}{Parameter("page_token", next)}";
            var page = await SendAsync(HttpMethod.Get, query, null, WireJson.Default.SessionPage, cancellationToken).ConfigureAwait(false);
            foreach (var session in page.Sessions ?? [])
            {
                yield return session;
            }

            next = page.Next;
        }
        while (next is not null);
    }

    /// <summary>Lets go of its own connections. Streams under way end.</summary>
    public void Dispose()
    {
        if (_ownsHttp)
        {
            _http.Dispose();
        }
    }

    internal static string Parameter(string name, string? value) => value is null ? "" : $"&{name}={Uri.EscapeDataString(value)}";

    internal async Task<T> SendAsync<T>(
        HttpMethod method, string path, byte[]? json, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(method, path, json, cancellationToken).ConfigureAwait(false);
        return await ReadAsync(response, type, Address, cancellationToken).ConfigureAwait(false);
    }

    internal static async Task<T> ReadAsync<T>(
        HttpResponseMessage response, JsonTypeInfo<T> type, Uri address, CancellationToken cancellationToken)
    {
        var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            try
            {
                return await JsonSerializer.DeserializeAsync(body, type, cancellationToken).ConfigureAwait(false)
                    ?? throw new JsonException("Nothing where there should be something.");
            }
            catch (JsonException exception)
            {
                throw new AgentStreamException(
                    "invalid_answer", $"{address} did not answer as AgentStream does. Check the address.", exception);
            }
        }
    }

    /// <summary>Sends a request; with another token once more where the first is refused.</summary>
    /// <exception cref="AgentStreamException">The server refuses it, or can't be reached.</exception>
    internal Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, byte[]? json, CancellationToken cancellationToken)
        => SendContentAsync(
            method,
            path,
            () => json is null
                ? null
                : new ByteArrayContent(json) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
            cancellationToken);

    /// <summary>Sends a request; with another token, and the content made anew, once more where the first is refused.</summary>
    /// <exception cref="AgentStreamException">The server refuses it, or can't be reached.</exception>
    internal async Task<HttpResponseMessage> SendContentAsync(
        HttpMethod method, string path, Func<HttpContent?> content, CancellationToken cancellationToken)
    {
        string? refused = null;
        while (true)
        {
            var token = await TokenAsync(refused, cancellationToken).ConfigureAwait(false);
            using var request = new HttpRequestMessage(method, new Uri(Address, path));
            if (token is not null)
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            }

            request.Content = content();
            HttpResponseMessage response;
            try
            {
                response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken)
                    .ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is HttpRequestException
                || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                throw new AgentStreamException(
                    AgentStreamException.Unreachable, $"{Address} can't be reached. Check the address, and whether it runs.", exception);
            }

            if (response.IsSuccessStatusCode)
            {
                return response;
            }

            using (response)
            {
                if (response.StatusCode == HttpStatusCode.Unauthorized && refused is null && token is not null)
                {
                    refused = token;
                    continue;
                }

                throw await Problems.ReadAsync(response, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Opens a socket, with another token once more where the first is refused.</summary>
    /// <exception cref="AgentStreamException">The server refuses it, and would again.</exception>
    /// <exception cref="ConnectionBrokenException">Not now.</exception>
    internal async Task<(WebSocket Socket, string? Token)> ConnectAsync(
        string sessionId, Cursor? after, string? refused, CancellationToken cancellationToken)
    {
        var address = SocketOf(sessionId, after);
        for (var isSecond = refused is not null; ; isSecond = true)
        {
            var token = await TokenAsync(refused, cancellationToken).ConfigureAwait(false);
            var socket = new ClientWebSocket();
            try
            {
                socket.Options.AddSubProtocol("agentstream.v2");
                socket.Options.AddSubProtocol("agentstream.v1");
                socket.Options.CollectHttpResponseDetails = true;

                // The server's heartbeat and our own question take the place of pings.
                socket.Options.KeepAliveInterval = TimeSpan.Zero;
                if (token is not null)
                {
                    socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
                }

                using var timeout = new CancellationTokenSource(Options.ConnectTimeout, Options.Time);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
                await socket.ConnectAsync(address, _http, either.Token).ConfigureAwait(false);
                return (socket, token);
            }
            catch (WebSocketException) when ((int)socket.HttpStatusCode is >= 400)
            {
                var status = socket.HttpStatusCode;
                var pause = Problems.PauseOf(socket.HttpResponseHeaders);
                socket.Dispose();
                if (status == HttpStatusCode.Unauthorized && Options.AccessToken is not null && !isSecond)
                {
                    refused = token;
                    continue;
                }

                throw (int)status is >= 500 or 408 or 425 or 429
                    ? new ConnectionBrokenException($"The server answered {(int)status}.", pause)
                    : await WhyAsync(sessionId, status, cancellationToken).ConfigureAwait(false);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
    }

    private Uri SocketOf(string sessionId, Cursor? after)
    {
        var cursor = after is null
            ? ""
            : string.Create(CultureInfo.InvariantCulture, $"?after={after.Seq}&epoch={Uri.EscapeDataString(after.Epoch)}");
        return new UriBuilder(new Uri(Address, $"ws/chat/{sessionId}{cursor}"))
        {
            Scheme = Address.Scheme == "https" ? "wss" : "ws",
        }.Uri;
    }

    private async ValueTask<string?> TokenAsync(string? refused, CancellationToken cancellationToken)
        => Options.AccessToken is { } give ? await give(new AccessTokenRequest(refused), cancellationToken).ConfigureAwait(false) : null;

    /// <summary>A refused handshake brings no words along: asked for the session over HTTP, the server says them.</summary>
    private async Task<AgentStreamException> WhyAsync(string sessionId, HttpStatusCode status, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await SendAsync(HttpMethod.Get, $"api/sessions/{sessionId}?limit=1", null, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (AgentStreamException exception) when (exception.StatusCode == status)
        {
            return exception;
        }
        catch (AgentStreamException)
        {
            // It says something else now: the status has to do.
        }

        return Problems.Of(status, Address);
    }
}
