using System.Buffers.Binary;

namespace AgentStream.Messaging.Redis.Commands;

/// <summary>Pieces of bytes, each preceded by its length (4 bytes, big endian).</summary>
internal static class LengthPrefixed
{
    public static IReadOnlyList<ReadOnlyMemory<byte>> Split(ReadOnlyMemory<byte> bytes)
    {
        var pieces = new List<ReadOnlyMemory<byte>>();
        while (bytes.Length >= sizeof(int))
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(bytes.Span);
            bytes = bytes[sizeof(int)..];
            if (length < 0 || length > bytes.Length)
            {
                throw new InvalidDataException("A length points beyond the end of its message.");
            }

            pieces.Add(bytes[..length]);
            bytes = bytes[length..];
        }

        return pieces;
    }
}
