using System.Text.RegularExpressions;

namespace AgentStream.Worker.Tools.Calculator;

/// <summary>
/// Cuts an expression into tokens. It knows where a comma groups digits (2,340) and where it separates arguments (max(2, 340)).
/// </summary>
internal sealed partial class Lexer(string text)
{
    // The signs that people paste beside the ones on the keyboard.
    private static readonly Dictionary<char, char> Pasted =
        new() { ['\u2212'] = '-', ['\u2013'] = '-', ['\u00d7'] = '*', ['\u00b7'] = '*', ['\u00f7'] = '/' };

    private readonly Stack<bool> _callParentheses = new();
    private bool _afterValue;
    private bool _afterFunction;
    private int _position;

    /// <summary>A comma at <paramref name="at"/> followed by exactly three digits.</summary>
    public static bool IsGroup(string text, int at) => Group().IsMatch(text, at);

    public Token Next()
    {
        while (_position < text.Length && char.IsWhiteSpace(text[_position]))
        {
            _position++;
        }

        var token = _position == text.Length ? new Token(Token.End, _position, "") : Read();
        _position += token.Text.Length;
        Track(token);
        return token;
    }

    private Token Read()
    {
        var inCall = _callParentheses.TryPeek(out var top) && top;
        if ((inCall ? PlainNumber() : GroupedNumber()).Match(text, _position) is { Success: true } number)
        {
            var digits = number.Value.Replace(",", "", StringComparison.Ordinal);
            return new Token(Token.Number, _position, number.Value, NumberMath.Parse(digits, _position));
        }

        if (Word().Match(text, _position) is { Success: true } name)
        {
            return new Token(Token.Name, _position, name.Value.ToLowerInvariant());
        }

        var sign = text[_position];
        sign = Pasted.GetValueOrDefault(sign, sign);
        return text.AsSpan(_position).StartsWith("**") ? new Token('^', _position, "**")
            : "+-*/^%!(),".Contains(sign) ? new Token(sign, _position, text[_position].ToString())
            : throw new CalculatorException($"'{Shown(sign)}' is not part of an arithmetic expression", _position);
    }

    private static string Shown(char sign) => char.IsControl(sign) || char.IsSurrogate(sign) ? $"U+{(int)sign:X4}" : sign.ToString();

    private void Track(Token token)
    {
        if (token.Kind == '(')
        {
            _callParentheses.Push(_afterFunction);
        }
        else if (token.Kind == ')')
        {
            _callParentheses.TryPop(out _);
        }

        // "mod" is a function where a value is expected, and an operator after one.
        _afterFunction = !_afterValue && token.Kind == Token.Name && Functions.ByName.ContainsKey(token.Text);
        _afterValue = token.Kind is Token.Number or ')' or '%' or '!'
            || (token.Kind == Token.Name && Functions.Constants.ContainsKey(token.Text));
    }

    [GeneratedRegex(@"\G(?:[0-9]+|(?=\.[0-9]))(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?")]
    private static partial Regex PlainNumber();

    [GeneratedRegex(@"\G(?:[0-9]{1,3}(?:,[0-9]{3}(?![0-9]))+|[0-9]+|(?=\.[0-9]))(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?")]
    private static partial Regex GroupedNumber();

    [GeneratedRegex(@"\G,[0-9]{3}(?![0-9])")]
    private static partial Regex Group();

    [GeneratedRegex("\\G[A-Za-zπ][A-Za-z0-9]*")]
    private static partial Regex Word();
}
