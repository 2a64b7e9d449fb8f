using System.Net;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using AgentStream.Conformance.Wire;

namespace AgentStream.Conformance;

/// <summary>The server that is asked, over HTTP and over sockets.</summary>
internal sealed class Server : IDisposable
{
    private readonly HttpClient _http;

    public Server(SuiteOptions options)
    {
        Options = options;
        _http = new HttpClient { BaseAddress = options.Url, Timeout = Timeout.InfiniteTimeSpan };
        if (options.Token is { } token)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
    }

    public SuiteOptions Options { get; }

    /// <summary>An id that nobody has.</summary>
    public static string NewId() => $"conformance-{Guid.NewGuid():N}";

    /// <summary>The payload of a <c>chat</c>, or the body of a message over HTTP.</summary>
    /// <param name="messageId">The message's own id.</param>
    /// <param name="more">Further fields, as JSON.</param>
    /// <param name="message">What is asked in place of the usual.</param>
    public string Message(string messageId, string more = "", string? message = null)
        => $$"""
            {"message":{{JsonSerializer.Serialize(message ?? Options.Message)}},"agent_name":{{JsonSerializer.Serialize(Options.Agent)}},
            "message_id":"{{messageId}}"{{(more.Length > 0 ? "," + more : "")}}}
            """;

    /// <summary>Opens a socket of a session.</summary>
    /// <param name="session">The session's id.</param>
    /// <param name="cancellationToken">Cancels it, and all that is read from it.</param>
    /// <param name="query">The cursor: <c>after=3&amp;epoch=e</c>. Default: none.</param>
    /// <param name="versions">The sub-protocols that are asked for.</param>
    public async Task<Connection> OpenAsync(
        string session, CancellationToken cancellationToken, string query = "", params string[] versions)
    {
        var socket = new ClientWebSocket();
        foreach (var version in versions)
        {
            socket.Options.AddSubProtocol(version);
        }

        if (Options.Token is { } token)
        {
            socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
        }

        var address = new UriBuilder(new Uri(Options.Url, $"ws/chat/{session}"))
        {
            Scheme = Options.Url.Scheme == "https" ? "wss" : "ws",
            Query = query,
        };
        await socket.ConnectAsync(address.Uri, cancellationToken);
        return new Connection(socket, cancellationToken);
    }

    /// <summary>Follows a session as an event stream until an entry fits.</summary>
    public async Task<List<JsonElement>> StreamAsync(
        string session, string query, Func<JsonElement, bool> isLast, CancellationToken cancellationToken, string? lastEventId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"api/sessions/{session}/events?{query}");
        request.Headers.Accept.ParseAdd("text/event-stream");
        if (lastEventId is not null)
        {
            request.Headers.Add("Last-Event-ID", lastEventId);
        }

        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        Promise.Same(HttpStatusCode.OK, response.StatusCode, "the status of an event stream");
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        return await EventStream.ReadUntilAsync(reader, isLast, cancellationToken);
    }

    /// <summary>Asks over HTTP.</summary>
    /// <returns>The status, the media type, and the body where it is JSON.</returns>
    public async Task<Answer> AskAsync(
        HttpMethod method, string path, CancellationToken cancellationToken, string? body = null, string type = "application/json")
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, type);
        }

        using var response = await _http.SendAsync(request, cancellationToken);
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        var media = response.Content.Headers.ContentType?.MediaType;
        var isJson = media?.EndsWith("json", StringComparison.Ordinal) == true && text.Length > 0;
        return new Answer(response.StatusCode, media, isJson ? JsonElement.Parse(text) : default, text);
    }

    public Task<Answer> GetAsync(string path, CancellationToken cancellationToken) => AskAsync(HttpMethod.Get, path, cancellationToken);

    public Task<Answer> PostAsync(string path, string body, CancellationToken cancellationToken)
        => AskAsync(HttpMethod.Post, path, cancellationToken, body);

    public void Dispose() => _http.Dispose();
}

/// <summary>An answer over HTTP.</summary>
internal sealed record Answer(HttpStatusCode Status, string? Media, JsonElement Json, string Text)
{
    /// <summary>Checks that it is a problem with this status and code (RFC 9457).</summary>
    public void IsProblem(int status, string code)
    {
        Promise.Same(status, (int)Status, $"the status of {code}");
        Promise.Same("application/problem+json", Media, $"the media type of {code}");
        Promise.Same($"urn:agentstream:error:{code}", Json.GetProperty("type").GetString(), "the problem's type");
        Promise.Same(status, Json.GetProperty("status").GetInt32(), "the problem's status");
        Promise.Holds(Json.GetProperty("detail").GetString() is { Length: > 0 }, $"{code} has no detail");
    }
}
