using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using AgentStream.Tests.Api.Support;

namespace AgentStream.Tests.Api.Wires.OpenAI;

/// <summary>A plain reader of the streams of both OpenAI wires.</summary>
internal sealed class OpenAIStream : IAsyncDisposable
{
    public const string Done = "[DONE]";

    private readonly StreamReader _reader;

    private OpenAIStream(HttpResponseMessage response, Stream body)
    {
        Response = response;
        _reader = new StreamReader(body);
    }

    public HttpResponseMessage Response { get; }

    public static async Task<OpenAIStream> OpenAsync(
        HttpClient http, HttpMethod method, string path, object? body = null, string? key = null)
    {
        var response = await SendAsync(http, method, path, body, key);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        return new OpenAIStream(response, await response.Content.ReadAsStreamAsync());
    }

    public static async Task<HttpResponseMessage> SendAsync(
        HttpClient http, HttpMethod method, string path, object? body = null, string? key = null, string? authorization = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = body is string text
                ? new StringContent(text, Encoding.UTF8, new MediaTypeHeaderValue("application/json"))
                : JsonContent.Create(body);
        }

        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        if (authorization is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    /// <summary>The next data; <c>null</c>: the stream is over.</summary>
    public async Task<string?> NextAsync()
    {
        using var patience = new CancellationTokenSource(ApiHost.Patience);
        while (await _reader.ReadLineAsync(patience.Token) is { } line)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                return line["data: ".Length..];
            }
        }

        return null;
    }

    /// <summary>All that comes until its end.</summary>
    public async Task<List<string>> RestAsync()
    {
        List<string> rest = [];
        while (await NextAsync() is { } data)
        {
            rest.Add(data);
        }

        return rest;
    }

    /// <summary>All that comes until something has come.</summary>
    public async Task<List<string>> UntilAsync(string part)
    {
        List<string> all = [];
        do
        {
            all.Add(await NextAsync() ?? throw new InvalidOperationException($"The stream ended before {part}: {string.Join('\n', all)}"));
        }
        while (!all[^1].Contains(part, StringComparison.Ordinal));
        return all;
    }

    /// <summary>The number of an event of a response.</summary>
    public static int NumberOf(string data) => JsonElement.Parse(data).GetProperty("sequence_number").GetInt32();

    /// <summary>An error in OpenAI's shape, with a sentence.</summary>
    public static async Task AssertErrorAsync(HttpResponseMessage response, HttpStatusCode status, string code, string? param = null)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == status, $"{response.StatusCode}: {text}");
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        var error = JsonElement.Parse(text).GetProperty("error");
        Assert.Equal(code, error.Text("code"));
        Assert.Equal(param, error.TryGetProperty("param", out var given) ? given.GetString() : null);
        Assert.NotEmpty(error.Text("message")!);
        Assert.NotEmpty(error.Text("type")!);
    }

    public ValueTask DisposeAsync()
    {
        _reader.Dispose();
        Response.Dispose();
        return ValueTask.CompletedTask;
    }
}
