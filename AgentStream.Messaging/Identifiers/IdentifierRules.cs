using System.Buffers;

namespace AgentStream.Messaging;

/// <summary>The characters that an identifier from the wire may have.</summary>
internal static class IdentifierRules
{
    private const int MaxLength = 128;

    private static readonly SearchValues<char> TokenCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

    /// <summary>Safe as a file name, as a Redis key and in a URL.</summary>
    public static bool IsToken(string? text)
        => text is { Length: >= 1 and <= MaxLength } && !text.AsSpan().ContainsAnyExcept(TokenCharacters);

    public static bool IsPrintable(string? text)
        => text is { Length: >= 1 and <= MaxLength } && !text.AsSpan().ContainsAnyExceptInRange('!', '~');
}
