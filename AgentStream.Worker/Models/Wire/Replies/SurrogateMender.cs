using System.Globalization;
using System.Text;

namespace AgentStream.Worker.Models.Wire.Replies;

/// <summary>
/// Some servers cut their deltas between the halves of an escaped character (<c>"\ud83d"</c> in one chunk, <c>"\ude00"</c> in the next),
/// which no JSON reader accepts as text. The first half is held back and put before the second; a half that stays alone becomes U+FFFD.
/// </summary>
internal sealed class SurrogateMender
{
    private const int EscapeLength = 6;
    private const string Replacement = "\\ufffd";

    private string _held = "";
    private string _next = "";

    /// <summary>The same JSON without lone halves. Call <see cref="Keep"/> once it has been used.</summary>
    public string Mend(string json)
    {
        _next = _held;
        if (!json.Contains("\\u", StringComparison.Ordinal))
        {
            return json;
        }

        var mended = new StringBuilder(json.Length);
        for (var i = 0; i < json.Length;)
        {
            if (json[i] != '\\')
            {
                mended.Append(json[i++]);
                continue;
            }

            var (text, length) = Escape(json, i);
            mended.Append(text);
            i += length;
        }

        return mended.ToString();
    }

    /// <summary>The mended text was whole: what it held back is now what the next one begins with.</summary>
    public void Keep() => _held = _next;

    private (string Text, int Length) Escape(string json, int at)
    {
        if (CodeAt(json, at) is not { } code)
        {
            return (json.Substring(at, Math.Min(2, json.Length - at)), 2);
        }

        var escape = json.Substring(at, EscapeLength);
        if (char.IsHighSurrogate(code))
        {
            if (CodeAt(json, at + EscapeLength) is { } low && char.IsLowSurrogate(low))
            {
                return (json.Substring(at, 2 * EscapeLength), 2 * EscapeLength);
            }

            var endsItsString = at + EscapeLength < json.Length && json[at + EscapeLength] == '"';
            _next = endsItsString ? escape : _next;
            return (endsItsString ? "" : Replacement, EscapeLength);
        }

        if (!char.IsLowSurrogate(code))
        {
            return (escape, EscapeLength);
        }

        var beginsItsString = at > 0 && json[at - 1] == '"';
        if (!beginsItsString || _next.Length == 0)
        {
            return (Replacement, EscapeLength);
        }

        var whole = _next + escape;
        _next = "";
        return (whole, EscapeLength);
    }

    private static char? CodeAt(string json, int at) =>
        at + EscapeLength <= json.Length && json[at] == '\\' && json[at + 1] == 'u'
            && ushort.TryParse(json.AsSpan(at + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code)
            ? (char)code
            : null;
}
