namespace AgentStream.Worker.Models.OpenAICompatible;

/// <summary>A piece of a reply's text.</summary>
/// <param name="IsThought">Whether the model thinks here, or answers.</param>
/// <param name="Text">Never empty.</param>
internal readonly record struct TextPiece(bool IsThought, string Text);

/// <summary>
/// Tells thought from answer where a model writes both as one text: <c>&lt;think&gt;\nHm.\n&lt;/think&gt;\n\nYes.</c>
/// Only what the text begins with is a thought; tags further on are the answer's own words.
/// One instance reads one reply. How the text is cut into pieces makes no difference to what comes out.
/// </summary>
/// <param name="tag">The tag's name; <see cref="UsualTag"/> stands for the tags of all models that are known.</param>
/// <param name="beginsInside">The prompt has opened the tag already: the text begins with the thought itself.</param>
internal sealed class TaggedThoughts(string tag, bool beginsInside)
{
    public const string UsualTag = "think";

    /// <summary>White space before a tag; more of it is text, which nobody should wait for.</summary>
    private const int MostSpace = 64;

    private static readonly (string Opening, string Closing)[] Known =
    [
        // DeepSeek, Qwen, GLM, MiniMax and most others.
        ("<think>", "</think>"),
        // Amazon's Nova, and models that were told to.
        ("<thinking>", "</thinking>"),
        // EXAONE.
        ("<thought>", "</thought>"),
        // Magistral.
        ("[THINK]", "[/THINK]"),
        // Seed-OSS.
        ("<seed:think>", "</seed:think>"),
        // Kimi-VL.
        ("◁think▷", "◁/think▷"),
        // Command A Reasoning.
        ("<|START_THINKING|>", "<|END_THINKING|>"),
        // gpt-oss, whose server does not read its channels.
        ("<|channel|>analysis<|message|>", "<|end|><|start|>assistant<|channel|>final<|message|>"),
    ];

    private readonly (string Opening, string Closing)[] _tags = tag == UsualTag ? Known : [($"<{tag}>", $"</{tag}>")];
    private string _closing = $"</{tag}>";
    private Phase _phase = Phase.Start;

    // What may yet turn out to be a tag, or the space around one.
    private string _held = "";

    private enum Phase
    {
        Start,
        AfterOpening,
        Thought,
        AfterClosing,

        /// <summary>The server has told a thought itself.</summary>
        AfterToldThought,
        Answer,
    }

    /// <summary>Everything from here on is the answer, whatever it looks like.</summary>
    public bool IsDecided => _phase == Phase.Answer && _held.Length == 0;

    /// <summary>The part that is certain now.</summary>
    public IEnumerable<TextPiece> Add(string text)
    {
        _held += text;
        List<TextPiece> pieces = [];
        while (Step(pieces))
        {
        }

        return pieces;
    }

    /// <summary>No more text comes: what was held back is not a tag any more. A thought without an end stays one.</summary>
    public IEnumerable<TextPiece> End()
    {
        List<TextPiece> pieces = [];
        var isSpaceAroundTag = _phase is Phase.AfterOpening or Phase.AfterClosing
            || (_phase == Phase.AfterToldThought && string.IsNullOrWhiteSpace(_held));
        if (!isSpaceAroundTag)
        {
            Say(pieces, _phase == Phase.Thought || (_phase == Phase.Start && beginsInside), _held);
        }

        _held = "";
        _phase = Phase.Answer;
        return pieces;
    }

    /// <summary>
    /// The server tells a thought itself: what follows is the answer, but for the tags that a template or a parser has left there.
    /// </summary>
    /// <returns>What was held back.</returns>
    public IEnumerable<TextPiece> Told()
    {
        var pieces = End();
        _phase = Phase.AfterToldThought;
        return pieces;
    }

    /// <summary>One place further; false: more text is needed for that.</summary>
    private bool Step(List<TextPiece> pieces)
    {
        switch (_phase)
        {
            case Phase.Start:
                return Begin();
            case Phase.AfterOpening:
                return SkipSpace(Phase.Thought);
            case Phase.AfterClosing:
                return SkipSpace(Phase.Answer);
            case Phase.Thought:
                return Think(pieces);
            case Phase.AfterToldThought:
                return SkipStrayTags();
            default:
                Say(pieces, isThought: false, _held);
                _held = "";
                return false;
        }
    }

    private bool Begin()
    {
        var text = _held.TrimStart();
        foreach (var (opening, closing) in _tags)
        {
            if (text.StartsWith(opening, StringComparison.Ordinal))
            {
                _held = text[opening.Length..];
                _closing = closing;
                _phase = Phase.AfterOpening;
                return true;
            }
        }

        if (MayBecome(text, _tags.Select(pair => pair.Opening)))
        {
            return false;
        }

        _phase = beginsInside ? Phase.AfterOpening : Phase.Answer;
        return true;
    }

    private bool SkipStrayTags()
    {
        var text = _held.TrimStart();
        var mayBecome = MayBecome(text, _tags.Select(pair => pair.Opening));
        foreach (var (opening, closing) in _tags)
        {
            var rest = text.StartsWith(opening, StringComparison.Ordinal) ? text[opening.Length..].TrimStart() : text;
            if (rest.StartsWith(closing, StringComparison.Ordinal))
            {
                _held = rest[closing.Length..];
                _phase = Phase.AfterClosing;
                return true;
            }

            mayBecome |= MayBecome(rest, [closing]);
        }

        _phase = mayBecome ? _phase : Phase.Answer;
        return !mayBecome;
    }

    private bool MayBecome(string text, IEnumerable<string> tags) =>
        _held.Length - text.Length <= MostSpace && tags.Any(whole => whole.StartsWith(text, StringComparison.Ordinal));

    private bool SkipSpace(Phase next)
    {
        _held = _held.TrimStart();
        _phase = _held.Length > 0 ? next : _phase;
        return _held.Length > 0;
    }

    private bool Think(List<TextPiece> pieces)
    {
        var end = _held.IndexOf(_closing, StringComparison.Ordinal);
        if (end >= 0)
        {
            Say(pieces, isThought: true, _held[..end]);
            _held = _held[(end + _closing.Length)..];
            _phase = Phase.AfterClosing;
            return true;
        }

        var certain = _held.Length - MayBeginClosing();
        Say(pieces, isThought: true, _held[..certain]);
        _held = _held[certain..];
        return false;
    }

    /// <summary>The number of the last characters that may be the beginning of the closing tag.</summary>
    private int MayBeginClosing()
    {
        for (var length = Math.Min(_held.Length, _closing.Length - 1); length > 0; length--)
        {
            if (_held.AsSpan(_held.Length - length).SequenceEqual(_closing.AsSpan(0, length)))
            {
                return length;
            }
        }

        return 0;
    }

    private static void Say(List<TextPiece> pieces, bool isThought, string text)
    {
        if (text.Length > 0)
        {
            pieces.Add(new TextPiece(isThought, text));
        }
    }
}
