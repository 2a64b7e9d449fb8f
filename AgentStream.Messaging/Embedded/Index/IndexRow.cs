using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using AgentStream.Messaging.Embedded.Journal;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Search;

namespace AgentStream.Messaging.Embedded.Index;

/// <summary>A line of the list of sessions as it stands in the index file, read in place.</summary>
/// <remarks>
/// <code>
/// row = u32:length u32:crc32c(length, body) u8:live body u32:length length is that of the body;
/// twice, so that the file can be read from its end body = i64:updated i64:created i64:written i64:first_end i64:journal_length
/// i64:journal_changed i64:last_seq i32:messages
///        u16:length session_id u16:length owner u32:length title
/// </code>
/// Times are UTC ticks, texts are UTF-8. <c>live</c> is 1, and 0 once another row took its place; it is all that ever changes.
/// </remarks>
internal readonly ref struct IndexRow(ReadOnlySpan<byte> body)
{
    public const int HeadLength = 9;
    public const int LiveAt = 8;
    public const int FootLength = 4;
    private const int Fixed = (7 * sizeof(long)) + sizeof(int);
    private readonly ReadOnlySpan<byte> _body = body;

    /// <summary>Of the whole row.</summary>
    public int Length => HeadLength + _body.Length + FootLength;

    public long UpdatedAt => Number(0);

    /// <summary>
    /// The time at which it was put into the file; never less than in the rows before, nor than any change that these tell of.
    /// </summary>
    public long WrittenAt => Number(2);

    /// <summary>The end of its oldest run whose entries are still in the log; 0 where there is none.</summary>
    public long FirstEnd => Number(3);

    public long JournalLength => Number(4);

    public long JournalChanged => Number(5);

    public ReadOnlySpan<byte> SessionId => Text(Fixed);

    public ReadOnlySpan<byte> Owner => Text(Fixed + sizeof(ushort) + SessionId.Length);

    public ReadOnlySpan<byte> Title => _body[(Fixed + (2 * sizeof(ushort)) + SessionId.Length + Owner.Length + sizeof(int))..];

    public SessionSummary ToSummary() => new()
    {
        SessionId = Messaging.SessionId.Parse(Encoding.UTF8.GetString(SessionId)),
        Owner = PrincipalId.Parse(Encoding.UTF8.GetString(Owner)),
        Title = Encoding.UTF8.GetString(Title),
        CreatedAt = new DateTimeOffset(Number(1), TimeSpan.Zero),
        UpdatedAt = new DateTimeOffset(UpdatedAt, TimeSpan.Zero),
        LastSeq = new Offset(Number(6)),
        Messages = BinaryPrimitives.ReadInt32LittleEndian(_body[(7 * sizeof(long))..]),
        Busy = false,
    };

    /// <summary>Whether the title contains a text.</summary>
    /// <param name="text">The text, folded as <see cref="SearchText.Fold"/> does.</param>
    public bool TitleContains(string text) => SearchText.Fold(Encoding.UTF8.GetString(Title)).Contains(text, StringComparison.Ordinal);

    public static void Write(ArrayBufferWriter<byte> output, SessionRow row, DateTimeOffset? firstEnd, JournalStamp journal, long writtenAt)
    {
        var start = output.WrittenCount;
        output.GetSpan(HeadLength)[..HeadLength].Clear();
        output.Advance(HeadLength);
        foreach (var number in (ReadOnlySpan<long>)
            [row.UpdatedAt.UtcTicks, row.CreatedAt.UtcTicks, writtenAt, firstEnd?.UtcTicks
                ?? 0, journal.Length, journal.ChangedAt, row.Head.LastSeq.Value])
        {
            BinaryPrimitives.WriteInt64LittleEndian(output.GetSpan(sizeof(long)), number);
            output.Advance(sizeof(long));
        }

        WriteInt32(output, row.Messages);
        WriteText(output, row.Head.SessionId.Value);
        WriteText(output, (row.Head.Owner ?? PrincipalId.Anonymous).Value);
        var title = Encoding.UTF8.GetBytes(row.Head.Title ?? "");
        WriteInt32(output, title.Length);
        output.Write(title);
        var length = output.WrittenCount - start - HeadLength;
        WriteInt32(output, length);

        var bytes = System.Runtime.InteropServices.MemoryMarshal.AsMemory(output.WrittenMemory[start..]).Span;
        BinaryPrimitives.WriteInt32LittleEndian(bytes, length);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[4..], JournalFormat.Checksum(bytes[..4], bytes.Slice(HeadLength, length)));
        bytes[LiveAt] = 1;
    }

    /// <summary>The sound row that <paramref name="bytes"/> are from their beginning, which may go on after it.</summary>
    /// <returns>Its whole length; 0 where there is none, or not all of one.</returns>
    public static int TryRead(ReadOnlySpan<byte> bytes, out IndexRow row)
    {
        row = default;
        if (bytes.Length < HeadLength + Fixed + FootLength)
        {
            return 0;
        }

        var length = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        if (length < Fixed || length > (uint)(bytes.Length - HeadLength - FootLength))
        {
            return 0;
        }

        var body = bytes.Slice(HeadLength, (int)length);
        if (JournalFormat.Checksum(bytes[..4], body) != BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..])
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes[(HeadLength + (int)length)..]) != length)
        {
            return 0;
        }

        row = new IndexRow(body);
        return HeadLength + (int)length + FootLength;
    }

    private long Number(int index) => BinaryPrimitives.ReadInt64LittleEndian(_body[(index * sizeof(long))..]);

    private ReadOnlySpan<byte> Text(int at) => _body.Slice(at + sizeof(ushort), BinaryPrimitives.ReadUInt16LittleEndian(_body[at..]));

    private static void WriteInt32(ArrayBufferWriter<byte> output, int number)
    {
        BinaryPrimitives.WriteInt32LittleEndian(output.GetSpan(sizeof(int)), number);
        output.Advance(sizeof(int));
    }

    private static void WriteText(ArrayBufferWriter<byte> output, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        BinaryPrimitives.WriteUInt16LittleEndian(output.GetSpan(sizeof(ushort)), (ushort)bytes.Length);
        output.Advance(sizeof(ushort));
        output.Write(bytes);
    }
}

/// <summary>By which a journal is known to be the one that a row was made of.</summary>
/// <param name="Length">In bytes.</param>
/// <param name="ChangedAt">The file system's time of the last change, in UTC ticks.</param>
internal readonly record struct JournalStamp(long Length, long ChangedAt);

/// <summary>A row to be put into the index.</summary>
/// <param name="Row">The line of the list.</param>
/// <param name="FirstEnd">See <see cref="IndexRow.FirstEnd"/>.</param>
/// <param name="Journal">The journal that it tells of.</param>
/// <param name="MayReplace">Whether the index may have a row of the session that this one takes the place of.</param>
internal sealed record IndexEntry(SessionRow Row, DateTimeOffset? FirstEnd, JournalStamp Journal, bool MayReplace);
