using System.Globalization;
using System.Text.Json;

namespace AgentStream.Tests.Api.Support;

/// <summary>A plain reader of Server-Sent Events.</summary>
internal sealed class EventStream : IAsyncDisposable
{
    private readonly StreamReader _reader;

    private EventStream(HttpResponseMessage response, Stream body)
    {
        Response = response;
        _reader = new StreamReader(body);
    }

    public HttpResponseMessage Response { get; }

    /// <summary>The last pause that the server asked for, in milliseconds.</summary>
    public int? Retry { get; private set; }

    public static async Task<EventStream> OpenAsync(ApiHost host, string path, string? lastEventId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (lastEventId is not null)
        {
            request.Headers.Add("Last-Event-ID", lastEventId);
        }

        var response = await host.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        return new EventStream(response, await response.Content.ReadAsStreamAsync());
    }

    /// <summary>The next event; <c>null</c>: the stream is over.</summary>
    public async Task<ServerEvent?> NextAsync()
    {
        using var patience = new CancellationTokenSource(ApiHost.Patience);
        string? type = null;
        string? id = null;
        string? data = null;
        while (await _reader.ReadLineAsync(patience.Token) is { } line)
        {
            if (line.Length == 0 && data is not null)
            {
                using var document = JsonDocument.Parse(data);
                return new ServerEvent(type!, id, document.RootElement.Clone());
            }

            var (name, value) = line.Split(": ", 2) is [var field, var text] ? (field, text) : (line, "");
            type = name == "event" ? value : type;
            id = name == "id" ? value : id;
            data = name == "data" ? value : data;
            Retry = name == "retry" ? int.Parse(value, CultureInfo.InvariantCulture) : Retry;
        }

        return null;
    }

    public async Task<ServerEvent> NextAsync(string type)
    {
        var next = await NextAsync();
        Assert.Equal(type, next?.Type);
        Assert.Equal(type, next!.Frame.Type());
        return next;
    }

    public async Task<List<ServerEvent>> UntilAsync(string type)
    {
        var events = new List<ServerEvent>();
        do
        {
            events.Add(await NextAsync() ?? throw new InvalidOperationException($"The stream ended before {type}."));
        }
        while (events[^1].Type != type);
        return events;
    }

    public ValueTask DisposeAsync()
    {
        _reader.Dispose();
        Response.Dispose();
        return ValueTask.CompletedTask;
    }
}

internal sealed record ServerEvent(string Type, string? Id, JsonElement Frame);
