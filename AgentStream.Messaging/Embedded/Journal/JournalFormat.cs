using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text.Json;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Session;

namespace AgentStream.Messaging.Embedded.Journal;

/// <summary>The layout of a journal file.</summary>
/// <remarks>
/// <code>
/// file    = "AGSTRLOG" u32:version record*
/// record  = u32:length u32:crc32c(length, payload) payload
/// payload = {"op":"appended",…} LF           the operation
///           ({"seq":7,"type":…} LF)*         the frames of its entries, the very bytes that clients get
///           ["=" checkpoint]                 opaque bytes to the end of the payload
/// </code>
/// Numbers are little-endian. The first record is a <see cref="BaseRecord"/>.
/// A version that finds a kind of record, or a value in one, that it does not know leaves the file alone
/// (<see cref="NewerJournalException"/>).
/// Members that it does not know it passes over: one that may not be passed over asks for a higher version of the file.
/// </remarks>
internal static class JournalFormat
{
    public const int RecordHeaderLength = 8;
    private const uint Version = 1;

    /// <summary>The beginning of every payload, so that a record can be found after damaged bytes.</summary>
    private static readonly byte[] PayloadStart = "{\"op\":\""u8.ToArray();

    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JournalJson.Disk.Options.Encoder, SkipValidation = true };

    /// <summary>The beginning of a file.</summary>
    public static ReadOnlySpan<byte> FileHeader => "AGSTRLOG\u0001\0\0\0"u8;

    /// <summary>Whether a file is one of ours, of a version that this code reads.</summary>
    public static bool IsJournal(ReadOnlySpan<byte> file)
        => file.Length >= FileHeader.Length
            && file[..8].SequenceEqual(FileHeader[..8])
            && BinaryPrimitives.ReadUInt32LittleEndian(file[8..]) == Version;

    public static void Write(ArrayBufferWriter<byte> output, JournalRecord record)
    {
        var start = output.WrittenCount;
        output.Advance(Reserve(output, RecordHeaderLength));
        using (var writer = new Utf8JsonWriter(output, WriterOptions))
        {
            JsonSerializer.Serialize(writer, record, JournalJson.Disk.JournalRecord);
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

        var bytes = MemoryMarshal.AsMemory(output.WrittenMemory[start..]).Span;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)(bytes.Length - RecordHeaderLength));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[4..], Checksum(bytes[..4], bytes[RecordHeaderLength..]));
    }

    /// <summary>The length of the whole, sound record at the beginning of <paramref name="bytes"/>; 0 where there is none.</summary>
    public static int Measure(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < RecordHeaderLength + PayloadStart.Length)
        {
            return 0;
        }

        var length = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        if (length > (uint)(bytes.Length - RecordHeaderLength))
        {
            return 0;
        }

        var payload = bytes.Slice(RecordHeaderLength, (int)length);
        return Checksum(bytes[..4], payload) == BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) ? RecordHeaderLength + (int)length : 0;
    }

    /// <summary>
    /// Whether what follows the last sound record is what a write that was cut short leaves:
    /// the beginning of a record, or nothing but zeros.
    /// A record that is all there but does not fit its checksum, or has sound ones after it, was changed after it was written.
    /// </summary>
    public static bool IsTorn(ReadOnlySpan<byte> rest)
    {
        if (!rest.ContainsAnyExcept((byte)0))
        {
            return true;
        }

        if (rest.Length >= RecordHeaderLength && BinaryPrimitives.ReadUInt32LittleEndian(rest) <= rest.Length - RecordHeaderLength)
        {
            return false;
        }

        for (var from = RecordHeaderLength + 1; from < rest.Length; from++)
        {
            var next = rest[from..].IndexOf(PayloadStart);
            if (next < 0)
            {
                return true;
            }

            from += next;
            if (Measure(rest[(from - RecordHeaderLength)..]) > 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Reads one sound record.</summary>
    /// <exception cref="JsonException">It fits its checksum and is yet no record of ours.</exception>
    public static JournalRecord Read(ReadOnlySpan<byte> record)
    {
        var rest = record[RecordHeaderLength..];
        var head = TakeLine(ref rest);
        var result = JsonSerializer.Deserialize(head, JournalJson.Disk.JournalRecord) ?? throw new JsonException("not a record");
        var entries = new List<Log.LogEntry>();
        while (rest is [(byte)'{', ..])
        {
            // Copied: a frame that lived on as a slice would keep the whole file in memory.
            entries.Add(EnvelopeCodec.Decode(TakeLine(ref rest).ToArray()));
        }

        return result with
        {
            Entries = entries,
            Checkpoint = rest is [(byte)'=', .. var checkpoint] ? checkpoint.ToArray() : default(ReadOnlyMemory<byte>?),
        };
    }

    private static int Reserve(ArrayBufferWriter<byte> output, int length)
    {
        output.GetSpan(length)[..length].Clear();
        return length;
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

    /// <summary>CRC-32C. It does not begin at 0, so that zeros, which a power cut leaves, fit no checksum.</summary>
    public static uint Checksum(ReadOnlySpan<byte> length, ReadOnlySpan<byte> payload)
    {
        var crc = BitOperations.Crc32C(uint.MaxValue, BinaryPrimitives.ReadUInt32LittleEndian(length));
        while (payload.Length >= sizeof(ulong))
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(payload));
            payload = payload[sizeof(ulong)..];
        }

        foreach (var value in payload)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return ~crc;
    }
}
