using System.Buffers.Text;
using System.Security.Cryptography;

namespace AgentStream.Access;

/// <summary>Text that nobody can guess.</summary>
internal static class RandomText
{
    private const int Bytes = 32;

    public static string New(int bytes = Bytes) => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(bytes));
}
