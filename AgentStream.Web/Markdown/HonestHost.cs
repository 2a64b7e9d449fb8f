using System.Text.RegularExpressions;

namespace AgentStream.Web.Markdown;

/// <summary>
/// The address of a link, if its text says that it leads elsewhere. The live page holds to the same rule (<c>address.js</c>).
/// </summary>
internal static partial class HonestHost
{
    /// <summary>The host that the link really leads to; null where its text names none, or that one.</summary>
    /// <param name="shown">The link's text.</param>
    /// <param name="address">Where it leads; a safe address.</param>
    public static string? Of(string shown, string address)
    {
        var match = NamedHost().Match(shown);
        if (!match.Success || FileName().IsMatch(match.Groups[1].Value))
        {
            return null;
        }

        var real = address.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase)
            ? address[(address.LastIndexOf('@') + 1)..].Split('?')[0]
            : new Uri(address).Authority;
        var (plain, named) = (Plain(real), Plain(match.Groups[1].Value));
        return plain == named || plain.EndsWith($".{named}", StringComparison.Ordinal) ? null : real;
    }

    private static string Plain(string host) => PortOrPrefix().Replace(host.ToLowerInvariant(), "");

    [GeneratedRegex("(?:^|[^a-z0-9.-])((?:[a-z0-9-]+\\.)+[a-z]{2,})(?![a-z0-9-])", RegexOptions.IgnoreCase)]
    private static partial Regex NamedHost();

    // What looks like a host and is the name of a file, or of a project.
    [GeneratedRegex("\\.(?:cs|css|go|html?|java|jsx?|json|md|mjs|pdf|py|rs|sh|sql|toml|tsx?|txt|xml|ya?ml)$", RegexOptions.IgnoreCase)]
    private static partial Regex FileName();

    [GeneratedRegex("^www\\.|:[0-9]+$")]
    private static partial Regex PortOrPrefix();
}
