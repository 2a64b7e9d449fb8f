using System.Buffers;
using System.Text.Json;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Session;

namespace AgentStream.Messaging.Embedded.Storage;

/// <summary>The form of a record on disk.</summary>
/// <remarks>
/// <code>
/// record = {"op":"appended",…} LF           the operation
///          ({"seq":7,"type":…} LF)*         the frames of its entries, the very bytes that clients get
///          ["=" checkpoint]                 opaque bytes to the end
/// </code>
/// A version that finds a kind of record, or a value in one, that it does not know leaves the session alone.
/// Members that it does not know it passes over: one that may not be passed over asks for a higher version of the database.
/// </remarks>
internal static class RecordCodec
{
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = RecordJson.Disk.Options.Encoder, SkipValidation = true };

    public static byte[] Write(SessionRecord record)
    {
        var output = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(output, WriterOptions))
        {
            JsonSerializer.Serialize(writer, record, RecordJson.Disk.SessionRecord);
        }

        output.Write("\n"u8);
        foreach (var entry in record.Entries)
        {
            output.Write(entry.Frame.Span);
            output.Write("\n"u8);
        }

        if (record.Checkpoint is { } checkpoint)
        {
            output.Write("="u8);
            output.Write(checkpoint.Span);
        }

        return output.WrittenSpan.ToArray();
    }

    /// <exception cref="JsonException">It is no record that this version knows.</exception>
    public static SessionRecord Read(ReadOnlySpan<byte> rest)
    {
        var head = TakeLine(ref rest);
        var result = JsonSerializer.Deserialize(head, RecordJson.Disk.SessionRecord) ?? throw new JsonException("not a record");
        var entries = new List<Log.LogEntry>();
        while (rest is [(byte)'{', ..])
        {
            // Copied: a frame that lived on as a slice would keep the whole record in memory.
            entries.Add(EnvelopeCodec.Decode(TakeLine(ref rest).ToArray()));
        }

        return result with
        {
            Entries = entries,
            Checkpoint = rest is [(byte)'=', .. var checkpoint] ? checkpoint.ToArray() : default(ReadOnlyMemory<byte>?),
        };
    }

    private static ReadOnlySpan<byte> TakeLine(ref ReadOnlySpan<byte> rest)
    {
        var end = rest.IndexOf((byte)'\n');
        if (end < 0)
        {
            throw new JsonException("a line without an end");
        }

        var line = rest[..end];
        rest = rest[(end + 1)..];
        return line;
    }
}
