using System.Security.Cryptography;
using System.Text;

namespace AgentStream.Worker.Tools.Mcp;

/// <summary>
/// Names for the tools of MCP servers: <c>{server}_{tool}</c>. Model providers take <c>^[a-zA-Z0-9_-]{1,64}$</c>, so other characters
/// become <c>_</c>,
/// and a name that is too long or already taken ends in a hash of the whole one: the same each time.
/// Gemini takes none that begins with a digit or <c>-</c>: such a name has a <c>_</c> before it.
/// </summary>
internal static class McpToolNames
{
    public const int MaxLength = 64;
    private const int HashLength = 8;

    public static string PrefixOf(string server) => ToolPattern.Callable(server + "_");

    /// <param name="server">As configured.</param>
    /// <param name="tool">As the server calls it.</param>
    /// <param name="taken">The names in use; the new one is added.</param>
    public static string Add(string server, string tool, HashSet<string> taken)
    {
        var name = new string([.. (PrefixOf(server) + tool)
            .Select(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '-' ? character : '_')]);
        if (name.Length <= MaxLength && taken.Add(name))
        {
            return name;
        }

        name = $"{name[..Math.Min(name.Length, MaxLength - HashLength - 1)]}_{HashOf(tool)}";
        taken.Add(name);
        return name;
    }

    private static string HashOf(string tool) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(tool)))[..HashLength];
}
