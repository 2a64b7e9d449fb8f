using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace AgentStream.Web.Markdown;

/// <summary>
/// The addresses that a text may lead to: http, https and mail, written plainly. The page holds to the same rule on its own.
/// </summary>
internal static class SafeAddress
{
    private const int Longest = 2_000;

    public static bool IsSafe([NotNullWhen(true)] string? address)
    {
        if (address is not { Length: > 0 and <= Longest } || address.Any(IsOdd))
        {
            return false;
        }

        if (address.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        return (address.StartsWith("http://", StringComparison.OrdinalIgnoreCase)
            || address.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
            && Uri.TryCreate(address, UriKind.Absolute, out var uri)
            && uri.Host.Length > 0
            // A name before an @ makes an address look like another one's.
            && uri.UserInfo.Length == 0;
    }

    // Browsers take a backslash for a slash, and drop line ends within an address.
    private static bool IsOdd(char character) =>
        character == '\\'
        || char.IsWhiteSpace(character)
        || char.GetUnicodeCategory(character) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator;
}
