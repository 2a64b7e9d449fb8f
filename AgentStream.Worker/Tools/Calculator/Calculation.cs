namespace AgentStream.Worker.Tools.Calculator;

/// <summary>
/// Reads an expression and computes it on the way (a Pratt parser).
/// From loose to tight: <c>+ -</c>, then <c>* / mod</c>, then <c>of</c>, the sign, <c>^</c> (from the right), and <c>%</c> or <c>!</c>
/// after a value.
/// </summary>
internal sealed class Calculation
{
    public const int MaxLength = 1000;
    public const int MaxDepth = 64;

    private const int SignPower = 40;

    private readonly string _text;
    private readonly Lexer _lexer;
    private Token _current;
    private int _depth;

    private Calculation(string text)
    {
        _text = text;
        _lexer = new Lexer(text);
        _current = _lexer.Next();
    }

    /// <exception cref="CalculatorException">It is no expression, has no value, or is beyond the limits.</exception>
    public static Number Evaluate(string text)
    {
        if (text.Length > MaxLength)
        {
            throw new CalculatorException($"The expression has {text.Length} characters; at most {MaxLength} are allowed", MaxLength);
        }

        var calculation = new Calculation(text);
        var result = calculation.Operation(0);
        return calculation._current.Kind == Token.End ? result.Number : throw calculation.Unexpected();
    }

    private Operand Operation(int minPower)
    {
        if (++_depth > MaxDepth)
        {
            throw new CalculatorException($"The expression is nested too deeply; at most {MaxDepth} levels", _current.Position);
        }

        var left = Value();
        while (true)
        {
            if (_current.Kind == '%')
            {
                left = new Operand(NumberMath.Divide(left.Number, new Number(100), Take().Position), IsPercentage: true);
            }
            else if (_current.Kind == '!')
            {
                left = new Operand(NumberMath.Factorial(left.Number, Take().Position));
            }
            else if (InfixOf(_current) is { } infix && infix.LeftPower >= minPower)
            {
                var sign = Take();
                left = infix.Apply(left, Operation(infix.RightPower), sign.Position);
            }
            else
            {
                _depth--;
                return left;
            }
        }
    }

    private static (Func<Operand, Operand, int, Operand> Apply, int LeftPower, int RightPower)? InfixOf(Token token) =>
        (token.Kind, token.Text) switch
        {
            ('+', _) => (Add, 10, 11),
            ('-', _) => ((left, right, at) => Add(left, -right, at), 10, 11),
            ('*', _) => (Plain(NumberMath.Multiply), 20, 21),
            ('/', _) => (Plain(NumberMath.Divide), 20, 21),
            (Token.Name, "mod") => (Plain(NumberMath.Modulo), 20, 21),
            (Token.Name, "of") => (Plain(NumberMath.Multiply), 30, 30),
            ('^', _) => (Plain(NumberMath.Power), 50, 50),
            _ => null,
        };

    private static Func<Operand, Operand, int, Operand> Plain(Func<Number, Number, int, Number> apply) =>
        (left, right, at) => new Operand(apply(left.Number, right.Number, at));

    // "200 + 10%" adds a tenth of the 200, as on every pocket calculator; "5% + 3%" is a sum of percentages.
    private static Operand Add(Operand left, Operand right, int position)
    {
        var share = right.IsPercentage && !left.IsPercentage ? NumberMath.Multiply(left.Number, right.Number, position) : right.Number;
        return new Operand(NumberMath.Add(left.Number, share, position), left.IsPercentage && right.IsPercentage);
    }

    private Operand Value()
    {
        var token = _current;
        switch (token.Kind)
        {
            case Token.Number:
                Take();
                return new Operand(token.Value);
            case '-':
                Take();
                return -Operation(SignPower);
            case '+':
                Take();
                return Operation(SignPower);
            case '(':
                Take();
                var inner = Operation(0);
                Expect(')', $"The parenthesis opened at character {token.Position + 1} is not closed");
                return inner;
            case Token.Name:
                Take();
                return new Operand(Named(token));
            default:
                throw Unexpected();
        }
    }

    private Number Named(Token name) =>
        Functions.ByName.TryGetValue(name.Text, out var function) ? Call(function, name.Position)
        : Functions.Constants.TryGetValue(name.Text, out var value) ? value
        : throw UnknownName(name);

    private Number Call(Function function, int position)
    {
        Expect('(', $"'{function.Name}' is a function: write {function.Name}(...)");
        var arguments = new List<Number>();
        var commas = new List<int>();
        if (_current.Kind != ')')
        {
            arguments.Add(Operation(0).Number);
            while (_current.Kind == ',')
            {
                commas.Add(Take().Position);
                arguments.Add(Operation(0).Number);
            }
        }

        Expect(')', $"The parenthesis of {function.Name}(...) is not closed");
        CheckCommas(commas);
        if (arguments.Count < function.MinArguments || arguments.Count > function.MaxArguments)
        {
            throw new CalculatorException(
                $"{function.Name} takes {function.ArgumentCount}, not {arguments.Count} "
                    + "(a comma always separates arguments here: write 2340, not 2,340)",
                position);
        }

        return function.Apply([.. arguments], position);
    }

    // "max(2,340, 5)": one comma seems to group digits, the other separates. A guess could be wrong without anybody noticing.
    private void CheckCommas(List<int> commas)
    {
        var grouping = commas.Find(comma => char.IsAsciiDigit(_text[comma - 1]) && Lexer.IsGroup(_text, comma));
        if (grouping > 0 && commas.Exists(comma => char.IsWhiteSpace(_text[comma + 1])))
        {
            throw new CalculatorException(
                "This comma is ambiguous: between the parentheses of a function write numbers without thousands separators", grouping);
        }
    }

    private Token Take()
    {
        var taken = _current;
        _current = _lexer.Next();
        return taken;
    }

    private void Expect(char kind, string problem)
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
            Token.End => _text.AsSpan().IsWhiteSpace() ? "The expression is empty" : "The expression ends too early: a value is missing",
            ',' => "This comma is neither between arguments nor before a group of three digits; decimals are written with a point",
            ')' => "There is a closing parenthesis too many, or a value is missing before it",
            Token.Number or Token.Name or '(' =>
                $"An operator is missing before '{_current.Text}' (a remainder is written 10 mod 3, a product 2 * 3)",
            _ => $"A value is missing before '{_current.Text}'",
        },
        _current.Position);

    /// <summary>A value on one side of an operator.</summary>
    private readonly record struct Operand(Number Number, bool IsPercentage = false)
    {
        public static Operand operator -(Operand operand) =>
            operand with { Number = operand.Number with { Value = -operand.Number.Value } };
    }
}
