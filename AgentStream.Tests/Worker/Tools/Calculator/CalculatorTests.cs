using AgentStream.Worker.Tools.Calculator;

namespace AgentStream.Tests.Worker.Tools.Calculator;

public sealed class CalculatorTests
{
    [Theory]
    [InlineData("17.5% of 2,340", "409.5")]
    [InlineData("2340 * 17.5%", "409.5")]
    [InlineData("200 + 10%", "220")]
    [InlineData("200 - 10%", "180")]
    [InlineData("5% + 3%", "0.08")]
    [InlineData("10% of 20% of 50", "1")]
    [InlineData("100 / 50% of 10", "20")]
    [InlineData("1 + 2 * 3", "7")]
    [InlineData("(1 + 2) * 3", "9")]
    [InlineData("10 - 4 - 3", "3")]
    [InlineData("2 ^ 3 ^ 2", "512")]
    [InlineData("2 ** 10", "1024")]
    [InlineData("-2 ^ 2", "-4")]
    [InlineData("(-2) ^ 2", "4")]
    [InlineData("2 ^ -1", "0.5")]
    [InlineData("0.5 ^ -2", "4")]
    [InlineData("0.1 ^ 5", "0.00001")]
    [InlineData("4 ^ 0.5", "2")]
    [InlineData("0 ^ 0", "1")]
    [InlineData("--3", "3")]
    [InlineData("10 mod 3", "1")]
    [InlineData("mod(-7, 3)", "2")]
    [InlineData("10 mod (2,340)", "10")]
    [InlineData("1,234,567.89 + 0.11", "1234568")]
    [InlineData("max(100,200)", "200")]
    [InlineData("max(1,2, 3)", "3")]
    [InlineData("max((2,340), 5)", "2340")]
    [InlineData("min(4)", "4")]
    [InlineData("sqrt(144)", "12")]
    [InlineData("sqrt(2)", "1.4142135623730950488016887242")]
    [InlineData("round(2.5)", "3")]
    [InlineData("round(-2.345, 2)", "-2.35")]
    [InlineData("floor(-1.5) + ceil(1.2) + abs(-3)", "3")]
    [InlineData("sin(pi)", "0")]
    [InlineData("cos(0)", "1")]
    [InlineData("log10(1000)", "3")]
    [InlineData("ln(exp(2))", "2")]
    [InlineData("6.02e3", "6020")]
    [InlineData("1.50", "1.5")]
    [InlineData("-0", "0")]
    [InlineData("3 × 4 ÷ 2 − 1", "5")]
    [InlineData("1/3", "0.3333333333333333333333333333")]
    public void Calculator_Expression_HasItsValue(string expression, string value) =>
        Assert.Equal(value, DecimalText.Of(Evaluator.Evaluate(ExpressionParser.Parse(expression))));

    [Theory]
    [InlineData("", 0, "empty")]
    [InlineData("2 +", 3, "missing")]
    [InlineData("2 3", 2, "operator")]
    [InlineData("2(3)", 1, "operator")]
    [InlineData("10 % 3", 5, "mod")]
    [InlineData("(1 + 2", 6, "not closed")]
    [InlineData("1 + 2)", 5, "parenthesis")]
    [InlineData("1 / 0", 2, "zero")]
    [InlineData("5 mod 0", 2, "zero")]
    [InlineData("2,34", 1, "three digits")]
    [InlineData("max(2,340, 5)", 5, "ambiguous")]
    [InlineData("sqrt(2,340)", 0, "2340")]
    [InlineData("sqrt(-1)", 0, "root")]
    [InlineData("sqrt 4", 5, "sqrt(")]
    [InlineData("ln(0)", 0, "positive")]
    [InlineData("log(10)", 0, "log10")]
    [InlineData("x + 1", 0, "not known")]
    [InlineData("$5", 0, "'$'")]
    [InlineData("2 + of 3", 4, "before it")]
    [InlineData("10 ^ 30", 3, "too large")]
    [InlineData("10 ^ -30", 3, "too small")]
    [InlineData("1e-20 * 1e-20", 6, "too small")]
    [InlineData("9e99", 0, "too large")]
    [InlineData("1e-99", 0, "too small")]
    [InlineData("2 ^ 1000000", 2, "exponent")]
    [InlineData("round(1, 99)", 0, "0 to 28")]
    public void Calculator_WrongExpression_SaysWhatAndWhere(string expression, int position, string part)
    {
        var problem = Assert.Throws<CalculatorException>(() => Evaluator.Evaluate(ExpressionParser.Parse(expression)));

        Assert.Contains(part, problem.Message, StringComparison.Ordinal);
        Assert.Equal(position, problem.Position);
    }

    [Theory]
    [InlineData("(", ")")]
    [InlineData("-", "")]
    [InlineData("2^", "")]
    [InlineData("abs(", ")")]
    public void Calculator_NestedBeyondTheLimit_IsRefused(string open, string close)
    {
        var tooDeep = string.Concat(Enumerable.Repeat(open, ExpressionParser.MaxDepth + 1)) + "1" + string.Concat(Enumerable.Repeat(close, ExpressionParser.MaxDepth + 1));

        var problem = Assert.Throws<CalculatorException>(() => ExpressionParser.Parse(tooDeep));

        Assert.Contains("deep", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Calculator_LongChain_IsNoNesting() =>
        Assert.Equal(500, Evaluator.Evaluate(ExpressionParser.Parse(string.Join('+', Enumerable.Repeat("1", 500)))));

    [Fact]
    public void Calculator_TooLong_IsRefused() =>
        Assert.Throws<CalculatorException>(() => ExpressionParser.Parse(new string('1', ExpressionParser.MaxLength + 1)));
}
