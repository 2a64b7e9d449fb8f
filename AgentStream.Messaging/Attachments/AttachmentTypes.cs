namespace AgentStream.Messaging.Attachments;

/// <summary>What files may be attached, told by their bytes: images, PDF, office files, and text of any kind.</summary>
/// <remarks>
/// <see cref="Images"/> alone are ever shown as what they are: all else, a drawing (SVG) or a page among it, is text to everybody here.
/// </remarks>
internal static class AttachmentTypes
{
    public const string Pdf = "application/pdf";
    public const string Word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    public const string Excel = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    public const string PowerPoint = "application/vnd.openxmlformats-officedocument.presentationml.presentation";
    private const string Text = "text/plain";
    private const int LongestType = 100;

    /// <summary>The number of bytes that tell all types but text.</summary>
    internal const int HeadBytes = 12;

    /// <summary>The images that models see and browsers show.</summary>
    public static IReadOnlyList<string> Images { get; } = ["image/png", "image/jpeg", "image/gif", "image/webp"];

    /// <summary>For people, as a part of a sentence.</summary>
    public const string Sentence =
        "images (PNG, JPEG, GIF, WebP), text in UTF-8 of any kind, PDF, and files of Word, Excel and PowerPoint (docx, xlsx, pptx)";

    /// <summary>Whether it is one of <see cref="Images"/>.</summary>
    public static bool IsImage(string mediaType) => Images.Contains(mediaType);

    /// <summary>Whether it is kept as text.</summary>
    public static bool IsText(string mediaType) => !IsImage(mediaType) && mediaType is not (Pdf or Word or Excel or PowerPoint);

    /// <summary>What a file is that is no text; <c>null</c>: it is text, or nothing that is known here.</summary>
    /// <param name="head">Its first bytes.</param>
    /// <param name="name">Its name: office files are all archives alike.</param>
    internal static string? OfBinary(ReadOnlySpan<byte> head, string name) => head switch
    {
        [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => "image/png",
        [0xFF, 0xD8, 0xFF, ..] => "image/jpeg",
        [(byte)'G', (byte)'I', (byte)'F', (byte)'8', (byte)'7' or (byte)'9', (byte)'a', ..] => "image/gif",
        [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] => "image/webp",
        [(byte)'%', (byte)'P', (byte)'D', (byte)'F', (byte)'-', ..] => Pdf,
        [(byte)'P', (byte)'K', 3, 4, ..] => Path.GetExtension(name).ToLowerInvariant() switch
        {
            ".docx" => Word,
            ".xlsx" => Excel,
            ".pptx" => PowerPoint,
            _ => null,
        },
        _ => null,
    };

    /// <summary>What a text is: what its sender says, where that is a plain name of a text's type.</summary>
    internal static string OfText(string? said)
    {
        var type = said?.Split(';')[0].Trim().ToLowerInvariant();
        return type is { Length: > 0 and <= LongestType }
            && type.All(character => char.IsAsciiLetterOrDigit(character) || character is '/' or '.' or '+' or '-' or '_')
            && type.Count(character => character == '/') == 1
            && IsTextual(type)
            ? type
            : Text;
    }

    private static bool IsTextual(string type)
        => type.StartsWith("text/", StringComparison.Ordinal) || type.EndsWith("+json", StringComparison.Ordinal)
            || type.EndsWith("+xml", StringComparison.Ordinal)
            || type is "application/json" or "application/xml" or "application/yaml" or "application/toml" or "application/javascript"
                or "application/sql" or "application/x-sh" or "application/x-ndjson";
}
