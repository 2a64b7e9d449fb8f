using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AgentStream.Messaging.Json;
using AgentStream.Messaging.Log;

namespace AgentStream.Messaging.Protocol;

/// <summary>Turns events into the bytes that clients get, once.</summary>
/// <remarks>
/// The writer makes the body, <c>{"type":…,"run_id":…,"timestamp":…,"data":{…}}</c>; the store, which alone knows the offset, puts
/// <c>"seq":N,</c> after the first brace. From then on the frame is passed along as it is, to disk, over pub/sub and to every socket.
/// </remarks>
internal static class EnvelopeCodec
{
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = MessagingJson.Wire.Options.Encoder, SkipValidation = true };
    private static readonly JsonDocumentOptions ReaderOptions = new() { MaxDepth = MessagingJson.MaxDepth };

    /// <summary>The frame of an event without its offset.</summary>
    public static byte[] EncodeBody(SessionEvent sessionEvent, RunId runId, DateTimeOffset timestamp)
    {
        ArgumentNullException.ThrowIfNull(sessionEvent);
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
        {
            writer.WriteStartObject();
            WriteRest(writer, sessionEvent, runId, timestamp);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Puts the offset into a body: the frame as clients get it.</summary>
    public static byte[] Frame(Offset offset, ReadOnlySpan<byte> body)
    {
        Span<byte> prefix = stackalloc byte[32];
        "{\"seq\":"u8.CopyTo(prefix);
        offset.Value.TryFormat(prefix[7..], out var digits, provider: CultureInfo.InvariantCulture);
        prefix[7 + digits] = (byte)',';
        prefix = prefix[..(8 + digits)];

        var frame = new byte[prefix.Length + body.Length - 1];
        prefix.CopyTo(frame);
        body[1..].CopyTo(frame.AsSpan(prefix.Length));
        return frame;
    }

    /// <summary>The frame for several adjacent deltas of one step: <c>first_seq</c> beside <c>seq</c>.</summary>
    public static byte[] MergedFrame(Offset first, Offset last, StepDelta merged, RunId runId, DateTimeOffset timestamp)
    {
        ArgumentNullException.ThrowIfNull(merged);
        var buffer = new ArrayBufferWriter<byte>(256 + merged.Delta.Length);
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteNumber("seq"u8, last.Value);
            writer.WriteNumber("first_seq"u8, first.Value);
            WriteRest(writer, merged, runId, timestamp);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>
    /// The short frame of a delta that continues the entry before it: what is new, <c>{"seq":…,"timestamp":…,"delta":…}</c>.
    /// All else is as it was there.
    /// </summary>
    public static byte[] ShortFrame(Offset first, Offset last, string delta, DateTimeOffset timestamp)
    {
        ArgumentNullException.ThrowIfNull(delta);
        var buffer = new ArrayBufferWriter<byte>(64 + delta.Length);
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteNumber("seq"u8, last.Value);
            if (first != last)
            {
                writer.WriteNumber("first_seq"u8, first.Value);
            }

            WriteTimestamp(writer, timestamp);
            writer.WriteString("delta"u8, delta);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>A frame outside the log: <c>{"type":…,"data":{…}}</c>.</summary>
    public static byte[] Notice<T>(string type, T data, JsonTypeInfo<T> typeInfo)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, type);
            writer.WritePropertyName("data"u8);
            JsonSerializer.Serialize(writer, data, typeInfo);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>
    /// Reads a frame of the log back.
    /// What a newer version says in its data is no reason to stop: it is an <see cref="UnknownEvent"/> here, and its frame is passed on.
    /// </summary>
    /// <exception cref="JsonException">The bytes are no frame of a log.</exception>
    public static LogEntry Decode(ReadOnlyMemory<byte> frame)
    {
        using var document = JsonDocument.Parse(frame, ReaderOptions);
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object
            || !root.TryGetProperty("seq"u8, out var seq) || seq.ValueKind != JsonValueKind.Number || !seq.TryGetInt64(out var offset)
            || !root.TryGetProperty("type"u8, out var typeElement)
            || typeElement.ValueKind != JsonValueKind.String
            || typeElement.GetString() is not { } type
            || !root.TryGetProperty("run_id"u8, out var run)
            || run.ValueKind != JsonValueKind.String
            || !RunId.TryParse(run.GetString(), out var runId)
            || !root.TryGetProperty("timestamp"u8, out var time)
            || time.ValueKind != JsonValueKind.Number
            || !time.TryGetDecimal(out var seconds)
            || !root.TryGetProperty("data"u8, out var data))
        {
            throw new JsonException($"not a frame of a log: {Encoding.UTF8.GetString(frame.Span[..Math.Min(80, frame.Length)])}");
        }

        return new LogEntry(new Offset(offset), runId, UnixSecondsConverter.ToTime(seconds), ReadEvent(type, data), frame);
    }

    private static SessionEvent ReadEvent(string type, JsonElement data)
    {
        try
        {
            if (EventTypes.TypeInfos.TryGetValue(type, out var typeInfo) && data.Deserialize(typeInfo) is SessionEvent known)
            {
                return known;
            }
        }
        catch (JsonException)
        {
            // A member of an enumeration that came later, most likely.
        }

        // An end is an end, whatever it says: a fold that ignored it would have the run under way for ever.
        return type == EventTypes.RunFinished ? new RunFinished { Status = RunStatus.Failed } : new UnknownEvent(type);
    }

    private static void WriteRest(Utf8JsonWriter writer, SessionEvent sessionEvent, RunId runId, DateTimeOffset timestamp)
    {
        writer.WriteString("type"u8, sessionEvent.Type);
        writer.WriteString("run_id"u8, runId.Value);
        WriteTimestamp(writer, timestamp);
        writer.WritePropertyName("data"u8);
        JsonSerializer.Serialize(writer, sessionEvent, EventTypes.TypeInfos[sessionEvent.Type]);
    }

    private static void WriteTimestamp(Utf8JsonWriter writer, DateTimeOffset timestamp)
        => writer.WriteNumber(
            "timestamp"u8, decimal.Round((decimal)(timestamp - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerSecond, 6));
}
