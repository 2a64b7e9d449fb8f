using System.Globalization;
using System.Text;

namespace AgentStream.Worker.Tools.Output;

/// <summary>
/// Text that grows piece by piece and stays within a limit: what is too much goes out of the middle, and a note says how much it was.
/// </summary>
/// <param name="limit">Characters, the note included; at least 200.</param>
internal sealed class CutText(int limit)
{
    // Longer than the note ever is.
    private const int NoteLength = 64;

    private readonly StringBuilder _text = new();
    private long _dropped;

    /// <summary>So many characters at the beginning stay whatever follows.</summary>
    public int Head { get; } = (limit - NoteLength) / 2;

    public static string Of(string text, int limit)
    {
        var cut = new CutText(limit);
        cut.Append(text);
        return cut.ToString();
    }

    public void Append(string text)
    {
        _text.Append(text);
        if (_text.Length > 4L * limit)
        {
            // Twice as much as can be shown of the end, so that this is not done for each piece.
            var tail = _text.Length - (2 * limit);
            // One more than the head, which says whether the head ends within a character.
            _dropped += tail - Head - 1;
            _text.Remove(Head + 1, tail - Head - 1);
        }
    }

    public bool EndsALine => _text.Length == 0 || _text[^1] == '\n';

    public override string ToString()
    {
        if (_dropped == 0 && _text.Length <= limit)
        {
            return _text.ToString();
        }

        var text = _text.ToString();
        var head = text.AsSpan(0, AvoidSplit(text, Head));
        var tail = text.AsSpan(AvoidSplit(text, text.Length - Head));
        var left = _dropped + text.Length - head.Length - tail.Length;
        return string.Create(CultureInfo.InvariantCulture, $"{head}\n[… {left} characters left out …]\n{tail}");
    }

    /// <summary>Half a surrogate pair is no character.</summary>
    private static int AvoidSplit(string text, int index) => char.IsLowSurrogate(text[index]) ? index - 1 : index;
}
