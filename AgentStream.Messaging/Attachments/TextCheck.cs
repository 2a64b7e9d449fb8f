using System.Text;

namespace AgentStream.Messaging.Attachments;

/// <summary>Tells while a file comes whether it is UTF-8 text.</summary>
internal sealed class TextCheck
{
    private readonly Decoder _decoder = new UTF8Encoding(false, throwOnInvalidBytes: true).GetDecoder();
    private readonly char[] _characters = new char[4096];

    /// <summary>Whether all until now is text. Pieces may end within a character, the last one may not.</summary>
    public bool IsText { get; private set; } = true;

    public void Read(ReadOnlySpan<byte> piece, bool isLast)
    {
        try
        {
            while (IsText && (piece.Length > 0 || isLast))
            {
                _decoder.Convert(piece, _characters, isLast, out var bytes, out var characters, out var completed);
                IsText = !_characters.AsSpan(0, characters).Contains('\0');
                piece = piece[bytes..];
                if (completed && piece.Length == 0)
                {
                    return;
                }
            }
        }
        catch (DecoderFallbackException)
        {
            IsText = false;
        }
    }
}
