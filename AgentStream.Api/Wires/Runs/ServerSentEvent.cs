using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AgentStream.Messaging;

namespace AgentStream.Api.Wires.Runs;

/// <summary>Writes Server-Sent Events, with LF alone: some clients take nothing else.</summary>
internal static class ServerSentEvent
{
    /// <summary>Writes <c>id: …\ndata: {…}\n\n</c>.</summary>
    /// <param name="to">Where it goes.</param>
    /// <param name="data">The data.</param>
    /// <param name="typeInfo">What it is. Its encoder may break no lines, as none does unless it is told to indent.</param>
    /// <param name="position">The cursor; <c>null</c>: no <c>id</c>.</param>
    /// <param name="name">The event's name; <c>null</c>: none.</param>
    public static void Write<T>(
        IBufferWriter<byte> to, T data, JsonTypeInfo<T> typeInfo, Cursor? position = null, string? name = null)
        => Write(to, data, typeInfo, position is { } cursor ? $"{cursor.Epoch}:{cursor.After}" : null, name);

    /// <summary>The same with an id of the wire's own making, which has to be ASCII.</summary>
    public static void Write<T>(IBufferWriter<byte> to, T data, JsonTypeInfo<T> typeInfo, string? id, string? name)
    {
        if (name is not null)
        {
            Encoding.UTF8.GetBytes($"event: {name}\n", to);
        }

        if (id is not null)
        {
            Encoding.UTF8.GetBytes($"id: {id}\n", to);
        }

        to.Write("data: "u8);
        using (var writer = new Utf8JsonWriter(to, new JsonWriterOptions { Encoder = typeInfo.Options.Encoder, SkipValidation = true }))
        {
            JsonSerializer.Serialize(writer, data, typeInfo);
        }

        to.Write("\n\n"u8);
    }

    /// <summary>Writes a comment, which every client ignores.</summary>
    public static void Comment(IBufferWriter<byte> to) => to.Write(": \n\n"u8);
}
