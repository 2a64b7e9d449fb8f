using System.Text;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Models.OpenAICompatible.WrittenCalls;

/// <summary>
/// Finds the calls in one reply's text.
/// What may be one is held back until that is known, so that nobody sees half of it; what is none is text after all.
/// How the text is cut into pieces makes no difference to what comes out.
/// </summary>
internal sealed class CallReader(CallParser parser)
{
    /// <summary>More than any call has; a model gone mad must not fill the memory.</summary>
    private const int MostHeld = 512 * 1024;

    private static readonly string[] BareBeginnings =
        ["{\"name\":\"", "{\"type\":\"function\",\"name\":\"", "{\"type\":\"function\",\"function\":{\"name\":\""];

    private readonly StringBuilder _held = new();
    private CallForm? _form;

    // Where to look for the end next.
    private int _searched;

    // White space before it, where nothing else is.
    private string _space = "";

    // Nothing but white space since the beginning, or since a call.
    private bool _isBlank = true;
    private bool _hasText;
    private int _backticks;
    private bool _inFence;

    /// <summary>A call was found.</summary>
    public bool HasCalls { get; private set; }

    /// <summary>Something looked like a call and was none that can be made.</summary>
    public bool HasOthers { get; private set; }

    /// <summary>The part that is certain now: text and calls.</summary>
    public IReadOnlyList<AIContent> Add(string text)
    {
        _held.Append(text);
        List<AIContent> found = [];
        while (_form is null ? Look(found) : Close(found))
        {
        }

        return found;
    }

    /// <summary>No more text comes.</summary>
    /// <param name="isCutOff">The reply was cut off: a call that has no end is half of one, and nobody's to see.</param>
    public IReadOnlyList<AIContent> End(bool isCutOff = false)
    {
        List<AIContent> found = [];
        while (_form is { } form)
        {
            var body = _held.ToString(form.Opening.Length, _held.Length - form.Opening.Length);
            if (isCutOff)
            {
                _held.Clear();
                _form = null;
            }
            else
            {
                Decide(found, form, body, _held.Length, parser.Parse(body, form == CallForm.Bare));
                while (_form is null && Look(found))
                {
                }
            }
        }

        var rest = _held.ToString();
        _held.Clear();
        if (!HasCalls || !string.IsNullOrWhiteSpace(rest))
        {
            Say(found, rest);
        }

        return found;
    }

    /// <summary>Outside of a call. True: one has begun.</summary>
    private bool Look(List<AIContent> found)
    {
        var text = _held.ToString();
        if (!_hasText && !HasCalls && text.AsSpan().TrimStart() is ['{' or '[', ..])
        {
            switch (MayBeBare(text))
            {
                case true:
                    _form = CallForm.Bare;
                    return true;
                case null:
                    return false;
                default:
                    break;
            }
        }

        var (form, at) = FirstOpening(text);
        if (form is not null)
        {
            var isExample = IsExampleAfter(text[..at]);
            if (isExample)
            {
                TakeText(found, at + form.Opening.Length);
                return _held.Length > 0;
            }

            if (_isBlank && string.IsNullOrWhiteSpace(text[..at]))
            {
                _space = text[..at];
                _held.Remove(0, at);
            }
            else
            {
                TakeText(found, at);
            }

            _form = form;
            _searched = form.Opening.Length;
            return true;
        }

        var certain = text.Length - MayBeginOpening(text);
        TakeText(found, _isBlank && string.IsNullOrWhiteSpace(text[..certain]) && certain <= CallForm.LongestOpening ? 0 : certain);
        return false;
    }

    /// <summary>Inside of one. True: it has ended, or was none.</summary>
    private bool Close(List<AIContent> found)
    {
        var form = _form!;
        while (form.Closing is { } closing)
        {
            var end = _held.ToString(_searched, _held.Length - _searched).IndexOf(closing, StringComparison.Ordinal);
            if (end < 0)
            {
                _searched = Math.Max(_searched, _held.Length - closing.Length + 1);
                break;
            }

            var body = _held.ToString(form.Opening.Length, _searched + end - form.Opening.Length);
            _searched += end + closing.Length;
            var calls = parser.Parse(body);
            if (calls is not null || !CallParser.EndsInString(body))
            {
                Decide(found, form, body, _searched, calls);
                return true;
            }
        }

        if (_held.Length <= MostHeld)
        {
            return false;
        }

        Decide(found, form, "", _held.Length, null);
        return true;
    }

    private void Decide(List<AIContent> found, CallForm form, string body, int length, IReadOnlyList<FunctionCallContent>? calls)
    {
        _form = null;
        if (calls is null)
        {
            // A JSON answer is what was asked for, as often as not.
            HasOthers |= form != CallForm.Bare && body.Length > 0;
            _held.Insert(0, _space);
            TakeText(found, length + _space.Length);
            _space = "";
            return;
        }

        _held.Remove(0, length);
        _space = "";
        found.AddRange(calls);
        HasCalls = true;
        _isBlank = true;
    }

    private void TakeText(List<AIContent> found, int length)
    {
        var text = _held.ToString(0, length);
        _held.Remove(0, length);
        // Line ends around calls are nothing that a person would miss.
        Say(found, _isBlank && HasCalls ? text.TrimStart() : text);
    }

    private void Say(List<AIContent> found, string text)
    {
        if (text.Length == 0)
        {
            return;
        }

        found.Add(new TextContent(text));
        _hasText = true;
        _isBlank &= string.IsNullOrWhiteSpace(text);
        (_inFence, _backticks) = FencesIn(text);
    }

    // In a block of code, or right after a backtick, a call is an example that people are shown.
    private bool IsExampleAfter(string text)
    {
        var (inFence, backticks) = FencesIn(text);
        return inFence || backticks > 0;
    }

    private (bool InFence, int Backticks) FencesIn(string text)
    {
        var (inFence, backticks) = (_inFence, _backticks);
        foreach (var character in text)
        {
            backticks = character == '`' ? backticks + 1 : 0;
            inFence ^= backticks == 3;
        }

        return (inFence, backticks);
    }

    /// <summary>Tells whether the text is a call without marks; null: it may yet become one.</summary>
    private bool? MayBeBare(string text)
    {
        var compact = string.Concat(text.Where(character => !char.IsWhiteSpace(character)));
        compact = compact.StartsWith('[') ? compact[1..] : compact;
        bool? may = false;
        foreach (var name in parser.Names)
        {
            foreach (var before in BareBeginnings)
            {
                var beginning = $"{before}{name}\"";
                if (compact.StartsWith(beginning, StringComparison.Ordinal))
                {
                    return true;
                }

                may = beginning.StartsWith(compact, StringComparison.Ordinal) ? null : may;
            }
        }

        return may;
    }

    private static (CallForm? Form, int At) FirstOpening(string text)
    {
        (CallForm? Form, int At) first = (null, text.Length);
        foreach (var form in CallForm.Known)
        {
            var at = text.IndexOf(form.Opening, StringComparison.Ordinal);
            first = at >= 0 && at < first.At ? (form, at) : first;
        }

        return first;
    }

    /// <summary>The number of the last characters that may be the beginning of a call.</summary>
    private static int MayBeginOpening(string text)
    {
        for (var length = Math.Min(text.Length, CallForm.LongestOpening - 1); length > 0; length--)
        {
            var end = text[^length..];
            if (CallForm.Known.Any(form => form.Opening.Length > length && form.Opening.StartsWith(end, StringComparison.Ordinal)))
            {
                return length;
            }
        }

        return 0;
    }
}
