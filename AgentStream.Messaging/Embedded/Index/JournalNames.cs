using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace AgentStream.Messaging.Embedded.Index;

/// <summary>The journals that the index knows, while a start compares the two: eight bytes each, gone when the start is over.</summary>
internal sealed class JournalNames
{
    // Keyed, so that nobody can choose session ids that look like each other here.
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(16);
    private readonly HashSet<ulong> _known = [];

    /// <summary>False: it was known.</summary>
    public bool Add(string path) => _known.Add(Hash(path));

    public bool Contains(string path) => _known.Contains(Hash(path));

    private ulong Hash(string path)
    {
        var name = Path.GetFileName(path);
        Span<byte> bytes = stackalloc byte[16 + (3 * name.Length)];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        _key.CopyTo(bytes);
        SHA256.HashData(bytes[..(16 + Encoding.UTF8.GetBytes(name, bytes[16..]))], hash);
        return BinaryPrimitives.ReadUInt64LittleEndian(hash);
    }
}
