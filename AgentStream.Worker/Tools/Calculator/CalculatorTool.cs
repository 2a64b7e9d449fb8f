using System.ComponentModel;

namespace AgentStream.Worker.Tools.Calculator;

/// <summary><c>calculator</c>: exact arithmetic on an expression; nothing in it is ever executed as code.</summary>
internal static class CalculatorTool
{
    public const string Name = "calculator";

    public static AgentTool Create() => new(ToolFunction.Create(
        Calculate,
        Name,
        "Evaluates one arithmetic expression with exact numbers of up to 10,000 digits and returns the result as a number; "
            + "one that goes on is followed by (rounded), one that is only near by (approximate). Use it for every calculation, however "
            + "simple. "
            + "Operators: + - * / ^, parentheses, 'mod' for the remainder, '!' for factorials. "
            + "Percent: '17.5% of 2340', '2340 * 17.5%'; '200 + 10%' is 220. "
            + "Functions: sqrt, abs, round(x) or round(x, decimals), floor, ceil, min, max, ln, log10, exp, sin, cos, tan (radians). "
            + "Constants: pi, e. Thousands separators as in 2,340 are understood, but not between the parentheses of a function, "
            + "where a comma separates arguments."))
    {
        IsIdempotent = true,
        IsConcurrencySafe = true,
    };

    private static string Calculate(
        [Description("The expression, for example \"17.5% of 2,340\", \"(1250 - 200) / 12\" or \"round(sqrt(2), 4)\". "
            + "At most 1000 characters. No variables, no units, no currency signs.")]
        string expression)
    {
        try
        {
            var result = Calculation.Evaluate(expression);
            var (digits, isRounded) = NumberText.Of(result);
            return !result.IsExact ? $"{digits} (approximate)" : isRounded ? $"{digits} (rounded)" : digits;
        }
        catch (CalculatorException problem)
        {
            throw new ToolException($"{problem.Message} (at character {problem.Position + 1} of the expression)", problem);
        }
    }
}
