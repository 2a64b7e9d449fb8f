using System.Buffers.Binary;
using System.Numerics;

namespace AgentStream.Messaging.Embedded.Storage;

/// <summary>
/// The files in which sessions were kept before there was a database, one for each: <c>sessions/s-{id}.journal</c>.
/// They are taken over once.
/// </summary>
/// <remarks>
/// <code>
/// file   = "AGSTRLOG" u32:version record*
/// record = u32:length u32:crc32c(length, payload) payload
/// </code>
/// Numbers are little-endian, and a payload is what <see cref="RecordCodec"/> reads.
/// </remarks>
internal sealed class FormerJournals(string root)
{
    private const int RecordHeaderLength = 8;
    private readonly string _directory = Path.Combine(root, "sessions");

    private static ReadOnlySpan<byte> FileHeader => "AGSTRLOG\u0001\0\0\0"u8;

    public IReadOnlyList<string> Files => Directory.Exists(_directory) ? Directory.GetFiles(_directory, "*.journal") : [];

    /// <summary>The records of a file, as far as they are sound; <c>null</c> where it is none of ours.</summary>
    public static FormerJournal? Read(string path)
    {
        ReadOnlySpan<byte> rest = File.ReadAllBytes(path);
        if (!rest.StartsWith(FileHeader))
        {
            return null;
        }

        rest = rest[FileHeader.Length..];
        var records = new List<byte[]>();
        while (rest.Length >= RecordHeaderLength
            && BinaryPrimitives.ReadUInt32LittleEndian(rest) is var length
            && length <= (uint)(rest.Length - RecordHeaderLength)
            && rest.Slice(RecordHeaderLength, (int)length) is var payload
            && Checksum(length, payload) == BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]))
        {
            records.Add(payload.ToArray());
            rest = rest[(RecordHeaderLength + (int)length)..];
        }

        return new FormerJournal(records, !rest.ContainsAnyExcept((byte)0));
    }

    /// <summary>Makes a copy of a file that is not whole.</summary>
    public static string SetAside(string path)
    {
        var aside = path + ".damaged";
        File.Copy(path, aside, overwrite: true);
        return aside;
    }

    /// <summary>Removes what was taken over, and the list that belonged to it.</summary>
    public void Remove(IEnumerable<string> files)
    {
        foreach (var file in files)
        {
            File.Delete(file);
        }

        if (Files.Count == 0)
        {
            File.Delete(Path.Combine(root, "sessions.index"));
        }
    }

    private static uint Checksum(uint length, ReadOnlySpan<byte> payload)
    {
        var crc = BitOperations.Crc32C(uint.MaxValue, length);
        foreach (var value in payload)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return ~crc;
    }
}

/// <summary>A file of the former format.</summary>
/// <param name="Records">The sound ones, in order.</param>
/// <param name="IsWhole">Whether nothing but zeros, which a power cut leaves, stands after them.</param>
internal sealed record FormerJournal(IReadOnlyList<byte[]> Records, bool IsWhole);
