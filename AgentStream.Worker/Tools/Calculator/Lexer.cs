namespace AgentStream.Worker.Tools.Calculator;

/// <summary>Cuts an expression into tokens. It knows where a comma groups digits (2,340) and where it separates arguments (max(2, 340)).</summary>
internal sealed class Lexer(string text)
{
    private readonly Stack<bool> _callParentheses = new();
    private bool _afterValue;
    private bool _afterFunction;
    private int _position;

    public Token Next()
    {
        while (_position < text.Length && char.IsWhiteSpace(text[_position]))
        {
            _position++;
        }

        var token = _position == text.Length ? new Token(TokenKind.End, _position, "") : Read();
        _position += token.Text.Length;
        Track(token);
        return token;
    }

    private Token Read()
    {
        var first = text[_position];
        if (char.IsAsciiDigit(first) || (first == '.' && _position + 1 < text.Length && char.IsAsciiDigit(text[_position + 1])))
        {
            var length = NumberScanner.Scan(text, _position, groupsAllowed: !_callParentheses.TryPeek(out var inCall) || !inCall);
            return new Token(TokenKind.Number, _position, text.Substring(_position, length), NumberScanner.Parse(text, _position, length));
        }

        if (char.IsAsciiLetter(first) || first == 'π')
        {
            var end = _position + 1;
            while (end < text.Length && char.IsAsciiLetterOrDigit(text[end]))
            {
                end++;
            }

            return new Token(TokenKind.Name, _position, text[_position..end].ToLowerInvariant());
        }

        if (first == '*' && _position + 1 < text.Length && text[_position + 1] == '*')
        {
            return new Token(TokenKind.Power, _position, "**");
        }

        return new Token(KindOf(first), _position, first.ToString());
    }

    // The signs that people paste beside the ones on the keyboard.
    private TokenKind KindOf(char sign) => sign switch
    {
        '+' => TokenKind.Plus,
        '-' or '\u2212' or '\u2013' => TokenKind.Minus,
        '*' or '\u00d7' or '\u00b7' => TokenKind.Times,
        '/' or '\u00f7' => TokenKind.Divide,
        '^' => TokenKind.Power,
        '%' => TokenKind.Percent,
        '(' => TokenKind.Open,
        ')' => TokenKind.Close,
        ',' => TokenKind.Comma,
        _ => throw new CalculatorException($"'{Shown(sign)}' is not part of an arithmetic expression", _position),
    };

    private static string Shown(char sign) => char.IsControl(sign) || char.IsSurrogate(sign) ? $"U+{(int)sign:X4}" : sign.ToString();

    private void Track(Token token)
    {
        if (token.Kind == TokenKind.Open)
        {
            _callParentheses.Push(_afterFunction);
        }
        else if (token.Kind == TokenKind.Close)
        {
            _callParentheses.TryPop(out _);
        }

        // "mod" is a function where a value is expected, and an operator behind one.
        _afterFunction = !_afterValue && token.Kind == TokenKind.Name && Functions.ByName.ContainsKey(token.Text);
        _afterValue = token.Kind is TokenKind.Number or TokenKind.Close or TokenKind.Percent
            || (token.Kind == TokenKind.Name && Functions.Constants.ContainsKey(token.Text));
    }
}
