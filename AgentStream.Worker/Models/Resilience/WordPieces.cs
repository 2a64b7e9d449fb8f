namespace AgentStream.Worker.Models.Resilience;

/// <summary>Cuts text into words, each with the white space after it. Put together again, the pieces are the text.</summary>
internal static class WordPieces
{
    // Scripts without spaces and long data would otherwise be one piece.
    private const int MaxLength = 32;

    public static IEnumerable<string> Of(string text)
    {
        var start = 0;
        for (var i = 1; i < text.Length; i++)
        {
            var wordBegins = char.IsWhiteSpace(text[i - 1]) && !char.IsWhiteSpace(text[i]);
            if (wordBegins || (i - start >= MaxLength && !char.IsLowSurrogate(text[i])))
            {
                yield return text[start..i];
                start = i;
            }
        }

        if (start < text.Length)
        {
            yield return text[start..];
        }
    }
}
