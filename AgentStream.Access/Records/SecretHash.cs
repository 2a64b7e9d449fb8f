using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace AgentStream.Access.Records;

/// <summary>
/// What is kept of a secret that is long and random, such as an API key or a link's: it can be recognised, and not be found out.
/// </summary>
internal static class SecretHash
{
    public static string Of(string secret) => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}
