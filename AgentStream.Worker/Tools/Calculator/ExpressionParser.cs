namespace AgentStream.Worker.Tools.Calculator;

/// <summary>
/// A Pratt parser. From loose to tight: <c>+ -</c>, then <c>* / mod</c>, then <c>of</c>, the sign, <c>^</c> (from the right), and <c>%</c> behind a value.
/// </summary>
internal sealed class ExpressionParser
{
    public const int MaxLength = 1000;
    public const int MaxDepth = 64;

    private const int SignPower = 40;

    private readonly string _text;
    private readonly Lexer _lexer;
    private Token _current;
    private int _depth;

    private ExpressionParser(string text)
    {
        _text = text;
        _lexer = new Lexer(text);
        _current = _lexer.Next();
    }

    /// <exception cref="CalculatorException">It is not an expression, or beyond the limits.</exception>
    public static Expression Parse(string text)
    {
        if (text.Length > MaxLength)
        {
            throw new CalculatorException($"The expression has {text.Length} characters; at most {MaxLength} are allowed", MaxLength);
        }

        var parser = new ExpressionParser(text);
        var expression = parser.ParseOperation(0);
        return parser._current.Kind == TokenKind.End ? expression : throw parser.Unexpected();
    }

    private Expression ParseOperation(int minPower)
    {
        if (++_depth > MaxDepth)
        {
            throw new CalculatorException($"The expression is nested too deeply; at most {MaxDepth} levels", _current.Position);
        }

        var left = ParseOperand();
        while (true)
        {
            if (_current.Kind == TokenKind.Percent)
            {
                left = new Expression.Percentage(left, Take().Position);
                continue;
            }

            if (InfixOf(_current) is not { } infix || infix.LeftPower < minPower)
            {
                _depth--;
                return left;
            }

            var position = Take().Position;
            left = new Expression.Operation(infix.Operator, left, ParseOperation(infix.RightPower), position);
        }
    }

    private static (Operator Operator, int LeftPower, int RightPower)? InfixOf(Token token) => (token.Kind, token.Text) switch
    {
        (TokenKind.Plus, _) => (Operator.Add, 10, 11),
        (TokenKind.Minus, _) => (Operator.Subtract, 10, 11),
        (TokenKind.Times, _) => (Operator.Multiply, 20, 21),
        (TokenKind.Divide, _) => (Operator.Divide, 20, 21),
        (TokenKind.Name, "mod") => (Operator.Modulo, 20, 21),
        (TokenKind.Name, "of") => (Operator.PercentOf, 30, 30),
        (TokenKind.Power, _) => (Operator.Power, 50, 50),
        _ => null,
    };

    private Expression ParseOperand()
    {
        var token = _current;
        switch (token.Kind)
        {
            case TokenKind.Number:
                Take();
                return new Expression.Number(token.Value, token.Position);
            case TokenKind.Minus:
                Take();
                return new Expression.Negation(ParseOperation(SignPower), token.Position);
            case TokenKind.Plus:
                Take();
                return ParseOperation(SignPower);
            case TokenKind.Open:
                Take();
                var inner = ParseOperation(0);
                Expect(TokenKind.Close, $"The parenthesis opened at character {token.Position + 1} is not closed");
                return inner;
            case TokenKind.Name:
                Take();
                return ParseName(token);
            default:
                throw Unexpected();
        }
    }

    private Expression ParseName(Token name)
    {
        if (Functions.ByName.TryGetValue(name.Text, out var function))
        {
            return ParseCall(function, name.Position);
        }

        return Functions.Constants.TryGetValue(name.Text, out var value)
            ? new Expression.Number(value, name.Position)
            : throw UnknownName(name);
    }

    private Expression.Call ParseCall(Function function, int position)
    {
        Expect(TokenKind.Open, $"'{function.Name}' is a function: write {function.Name}(...)");
        var arguments = new List<Expression>();
        var commas = new List<int>();
        if (_current.Kind != TokenKind.Close)
        {
            arguments.Add(ParseOperation(0));
            while (_current.Kind == TokenKind.Comma)
            {
                commas.Add(Take().Position);
                arguments.Add(ParseOperation(0));
            }
        }

        Expect(TokenKind.Close, $"The parenthesis of {function.Name}(...) is not closed");
        CheckCommas(commas);
        if (arguments.Count < function.MinArguments || arguments.Count > function.MaxArguments)
        {
            throw new CalculatorException(
                $"{function.Name} takes {function.ArgumentCount}, not {arguments.Count} (a comma always separates arguments here: write 2340, not 2,340)", position);
        }

        return new Expression.Call(function, arguments, position);
    }

    // "max(2,340, 5)": one comma seems to group digits, the other separates. A guess could be wrong without anybody noticing.
    private void CheckCommas(List<int> commas)
    {
        var grouping = commas.Find(comma => char.IsAsciiDigit(_text[comma - 1]) && NumberScanner.IsGroup(_text, comma));
        if (grouping > 0 && commas.Exists(comma => char.IsWhiteSpace(_text[comma + 1])))
        {
            throw new CalculatorException("This comma is ambiguous: between the parentheses of a function write numbers without thousands separators", grouping);
        }
    }

    private Token Take()
    {
        var taken = _current;
        _current = _lexer.Next();
        return taken;
    }

    private void Expect(TokenKind kind, string problem)
    {
        if (_current.Kind != kind)
        {
            throw new CalculatorException(problem, _current.Position);
        }

        Take();
    }

    private static CalculatorException UnknownName(Token name) => new(
        name.Text switch
        {
            "log" => "'log' is ambiguous: write ln(x) or log10(x)",
            "of" or "mod" => $"'{name.Text}' needs a value before it",
            _ => $"'{name.Text}' is not known. Functions: {string.Join(", ", Functions.ByName.Keys)}; constants: pi, e",
        },
        name.Position);

    private CalculatorException Unexpected() => new(
        _current.Kind switch
        {
            TokenKind.End => _text.AsSpan().IsWhiteSpace() ? "The expression is empty" : "The expression ends too early: a value is missing",
            TokenKind.Comma => "This comma is neither between arguments nor before a group of three digits; decimals are written with a point",
            TokenKind.Close => "There is a closing parenthesis too many, or a value is missing before it",
            TokenKind.Number or TokenKind.Name or TokenKind.Open => $"An operator is missing before '{_current.Text}' (a remainder is written 10 mod 3, a product 2 * 3)",
            _ => $"A value is missing before '{_current.Text}'",
        },
        _current.Position);
}
