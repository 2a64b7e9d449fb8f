using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AgentStream.Worker.Models.Wire.Replies;

/// <summary>Reads what the handlers need to know of a chat completions request, and to change in it.</summary>
internal static class RequestBody
{
    /// <summary>Tells whether it asks for a stream. Keeps the content, so that it can be sent afterwards.</summary>
    public static async Task<bool> AsksForStreamAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Content is null)
        {
            return false;
        }

        await request.Content.LoadIntoBufferAsync(cancellationToken);
        return HasStreamTrue(await request.Content.ReadAsByteArrayAsync(cancellationToken));
    }

    /// <summary>Its JSON; null: it has none. Keeps the content, so that it can be sent afterwards.</summary>
    public static async Task<JsonObject?> ReadAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Content is null)
        {
            return null;
        }

        await request.Content.LoadIntoBufferAsync(cancellationToken);
        return JsonNode.Parse(await request.Content.ReadAsByteArrayAsync(cancellationToken)) as JsonObject;
    }

    /// <summary>A copy of the request whose JSON was changed.</summary>
    public static async Task<HttpRequestMessage> ChangedAsync(
        HttpRequestMessage request, Action<JsonObject> change, CancellationToken cancellationToken)
    {
        var body = JsonNode.Parse(await request.Content!.ReadAsByteArrayAsync(cancellationToken))!.AsObject();
        change(body);
        var copy = new HttpRequestMessage(request.Method, request.RequestUri)
        {
            Version = request.Version,
            VersionPolicy = request.VersionPolicy,
            Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, WireJsonContext.Default.JsonObject)),
        };
        copy.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        foreach (var header in request.Headers.NonValidated)
        {
            copy.Headers.TryAddWithoutValidation(header.Key, header.Value);
        }

        return copy;
    }

    /// <summary>Tells whether these bytes stand anywhere in the body. Keeps the content, so that it can be sent afterwards.</summary>
    public static async Task<bool> MentionsAsync(
        HttpRequestMessage request, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (request.Content is null)
        {
            return false;
        }

        await request.Content.LoadIntoBufferAsync(cancellationToken);
        return (await request.Content.ReadAsByteArrayAsync(cancellationToken)).AsSpan().IndexOf(bytes.Span) >= 0;
    }

    private static bool HasStreamTrue(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isStream = reader.ValueTextEquals("stream"u8);
            reader.Read();
            if (isStream)
            {
                return reader.TokenType == JsonTokenType.True;
            }

            reader.Skip();
        }

        return false;
    }
}
