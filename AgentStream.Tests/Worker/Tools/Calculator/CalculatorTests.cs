using System.Diagnostics;
using AgentStream.Worker.Tools.Calculator;
using AgentStream.Worker.Tools.Output;

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
    [InlineData("6.626e-34 * 3e8", "1.9878e-25")]
    [InlineData("2^100", "1267650600228229401496703205376")]
    [InlineData("25!", "15511210043330985984000000")]
    [InlineData("0! + 1!", "2")]
    [InlineData("2^3!", "64")]
    [InlineData("-3!", "-6")]
    [InlineData("3!%", "0.06")]
    [InlineData("50!/48!", "2450")]
    [InlineData("10 ^ 30", "1e30")]
    [InlineData("10 ^ -30", "1e-30")]
    [InlineData("1e-20 * 1e-20", "1e-40")]
    [InlineData("9e99", "9e99")]
    [InlineData("1e-99", "1e-99")]
    [InlineData("79228162514264337593543950336 + 1", "79228162514264337593543950337")]
    [InlineData("1,234,567,890,123,456,789,012,345,678,901 - 1", "1234567890123456789012345678900")]
    [InlineData("0.12345678901234567890123456789012345", "0.12345678901234567890123456789012345")]
    [InlineData("1/3*3", "1")]
    [InlineData("(1/3) mod (1/4)", "0.0833333333333333333333333333")]
    [InlineData("2^-100", "7.888609052210118054117285652827862296732064351090230047702789306640625e-31")]
    [InlineData("2^10000", "1.9950631168807583848837421627e3010")]
    [InlineData("27^(1/3)", "3")]
    [InlineData("8^(2/3)", "4")]
    [InlineData("sqrt(1e40)", "1e20")]
    [InlineData("sqrt(4/9)", "0.6666666666666666666666666667")]
    [InlineData("sqrt(2e-40)", "1.414213562373095048801688724e-20")]
    [InlineData("log10(1e300)", "300")]
    [InlineData("round(1/3, 40)", "0.3333333333333333333333333333333333333333")]
    public void Calculator_Expression_HasItsValue(string expression, string value) =>
        Assert.Equal(value, NumberText.Of(Calculation.Evaluate(expression)).Digits);

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
    [InlineData("10 ^ 30000", 3, "10000 digits")]
    [InlineData("10 ^ -30000", 3, "too small")]
    [InlineData("1e-9000 * 1e-9000", 8, "too small")]
    [InlineData("9e99999", 0, "too large")]
    [InlineData("1e-99999", 0, "too small")]
    [InlineData("2 ^ 1000000", 2, "exponent")]
    [InlineData("9^9^9", 1, "exponent")]
    [InlineData("100000!", 6, "too large")]
    [InlineData("1e9999!", 6, "too large")]
    [InlineData("2.5!", 3, "factorial")]
    [InlineData("(-1)!", 4, "factorial")]
    [InlineData("! 3", 0, "missing before")]
    [InlineData("5! 3", 3, "operator")]
    [InlineData("exp(1e9)", 0, "1.7e308")]
    [InlineData("sin(1e999)", 0, "1.7e308")]
    [InlineData("1e999999999999999999999", 0, "too large")]
    [InlineData("round(1, 9999)", 0, "0 to 1000")]
    public void Calculator_WrongExpression_SaysWhatAndWhere(string expression, int position, string part)
    {
        var problem = Assert.Throws<CalculatorException>(() => Calculation.Evaluate(expression));

        Assert.Contains(part, problem.Message, StringComparison.Ordinal);
        Assert.Equal(position, problem.Position);
    }

    [Theory]
    [InlineData("409.5 * 2", "819")]
    [InlineData("1/3", "0.3333333333333333333333333333 (rounded)")]
    [InlineData("2^10000", "1.9950631168807583848837421627e3010 (rounded)")]
    [InlineData("sqrt(2)", "1.4142135623730950488016887242 (approximate)")]
    [InlineData("sqrt(144) + 4^0.5 + log10(100) + exp(0) + ln(1)", "17")]
    [InlineData("2 * pi", "6.2831853071795864769252867666 (approximate)")]
    [InlineData("1.0000001 ^ 100000", "1.0100501665791430077946740598 (approximate)")]
    public async Task Tool_Result_SaysWhereItIsNotTheValueItself(string expression, string said) =>
        Assert.Equal(said, ToolResultText.Of(await CalculatorTool.Create().CallAsync($$"""{"expression":"{{expression}}"}""")));

    [Theory]
    [InlineData("9999^2499 * 9999^2499 / 9998^2499 * 9999^2499 - 1/7^3000")]
    [InlineData("3200! / 3199! - 3000!^1 + 1/2999!")]
    [InlineData("1.23456789 ^ 99999 ^ 1")]
    public void Calculator_LargestExpressions_TakeNoTime(string expression)
    {
        var watch = Stopwatch.StartNew();
        try
        {
            _ = NumberText.Of(Calculation.Evaluate(
                string.Join('+', Enumerable.Repeat($"({expression})", Calculation.MaxLength / (expression.Length + 3)))));
        }
        catch (CalculatorException)
        {
            // Too large is an answer too.
        }

        // What is to be kept out takes hours; a machine that is busy makes seconds of milliseconds.
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromMinutes(1));
    }

    [Theory]
    [InlineData("(", ")")]
    [InlineData("-", "")]
    [InlineData("2^", "")]
    [InlineData("abs(", ")")]
    public void Calculator_NestedBeyondTheLimit_IsRefused(string open, string close)
    {
        var tooDeep = string.Concat(Enumerable.Repeat(open, Calculation.MaxDepth + 1)) + "1"
            + string.Concat(Enumerable.Repeat(close, Calculation.MaxDepth + 1));

        var problem = Assert.Throws<CalculatorException>(() => Calculation.Evaluate(tooDeep));

        Assert.Contains("deep", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Calculator_LongChain_IsNoNesting() =>
        Assert.Equal(500, Calculation.Evaluate(string.Join('+', Enumerable.Repeat("1", 500))).Value);

    [Fact]
    public void Calculator_TooLong_IsRefused() =>
        Assert.Throws<CalculatorException>(() => Calculation.Evaluate(new string('1', Calculation.MaxLength + 1)));
}
