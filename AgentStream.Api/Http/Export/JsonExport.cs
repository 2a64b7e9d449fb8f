using System.IO.Pipelines;
using System.Text.Json;
using AgentStream.Messaging.Json;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Transcript;

namespace AgentStream.Api.Http.Export;

/// <summary>A transcript for programs: <c>{"session_id":…,"title":…,"exported_at":…,"messages":[…]}</c>.</summary>
internal static class JsonExport
{
    public static async Task WriteAsync(
        PipeWriter output,
        SessionHead head,
        DateTimeOffset now,
        IAsyncEnumerable<TranscriptMessage> messages,
        CancellationToken cancellationToken)
    {
        await using var writer = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = MessagingJson.Wire.Options.Encoder });
        writer.WriteStartObject();
        writer.WriteString("session_id"u8, head.SessionId.Value);
        if (head.Title is { } title)
        {
            writer.WriteString("title"u8, title);
        }

        writer.WriteNumber("exported_at"u8, now.ToUnixTimeSeconds());
        writer.WriteStartArray("messages"u8);
        await foreach (var message in messages.WithCancellation(cancellationToken))
        {
            JsonSerializer.Serialize(writer, message, MessagingJson.Wire.TranscriptMessage);
            await writer.FlushAsync(cancellationToken);
            await output.FlushAsync(cancellationToken);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        await writer.FlushAsync(cancellationToken);
        await output.FlushAsync(cancellationToken);
    }
}
