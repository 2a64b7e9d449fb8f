using System.Security.Cryptography;
using System.Text;

namespace AgentStream.Access;

/// <summary>
/// People of a small team sign in with one code and a name of their choice. On where <see cref="Code"/> is set.
/// Whoever has the code can take any name, and with it the sessions of that name. Section <c>AgentStream:Access:Code</c>.
/// </summary>
internal sealed class CodeAccessOptions
{
    public const string Section = AccessOptions.Section + ":Code";

    /// <summary>The code, 12 characters at least.</summary>
    public string Code { get; set; } = "";

    /// <summary>The file that has the code, in place of <see cref="Code"/>.</summary>
    public string CodeFile { get; set; } = "";

    /// <summary>Tells whether a text is the code, in a time that says nothing about it.</summary>
    public bool Accepts(string? text) => Code.Length > 0
        && CryptographicOperations.FixedTimeEquals(
            SHA256.HashData(Encoding.UTF8.GetBytes(Code)), SHA256.HashData(Encoding.UTF8.GetBytes(text ?? "")));
}
