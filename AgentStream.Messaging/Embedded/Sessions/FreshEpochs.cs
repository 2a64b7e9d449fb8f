using System.Security.Cryptography;
using System.Text;

namespace AgentStream.Messaging.Embedded.Sessions;

/// <summary>
/// Names the epochs of sessions that nobody wrote to: the same name each time it is asked for, without keeping anything for each session.
/// </summary>
/// <remarks>
/// An epoch is a keyed hash of the session's id and of how often sessions of its bucket were erased; the key lives as long as the process.
/// So one that was erased never gets its old name again.
/// That others of its bucket (one in 1,024) change theirs costs them nothing: they hold no entry.
/// </remarks>
internal sealed class FreshEpochs
{
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(16);
    private readonly int[] _erased = new int[1024];

    public Epoch Of(SessionId sessionId)
    {
        var id = Encoding.ASCII.GetBytes(sessionId.Value);
        var hash = HMACSHA256.HashData(_key, id);
        var generation = Volatile.Read(ref _erased[Bucket(hash)]);
        var name = HMACSHA256.HashData(hash, BitConverter.GetBytes(generation));
        return Epoch.Parse(Convert.ToHexStringLower(name.AsSpan(0, 6)));
    }

    public void Erase(SessionId sessionId)
        => Interlocked.Increment(ref _erased[Bucket(HMACSHA256.HashData(_key, Encoding.ASCII.GetBytes(sessionId.Value)))]);

    private static int Bucket(byte[] hash) => BitConverter.ToUInt16(hash) % 1024;
}
