using System.Globalization;
using AgentStream.Worker.Tools.Calculator;
using Fractions;
using FsCheck;
using FsCheck.Fluent;

namespace AgentStream.Tests.Worker.Tools.Calculator;

/// <summary>
/// Generated expressions against plain arithmetic on fractions, and garbage against the promise of one kind of exception.
/// </summary>
public sealed class CalculatorProperties
{
    private const string Alphabet = "0123456789.,+-*/^%!() ofmdsqrtaxnicelgpe\t×π$é\ud83d";

    [Fact]
    public void Calculator_GeneratedExpression_EqualsArithmeticOnFractions() =>
        Prop.ForAll(Trees().ToArbitrary(), tree =>
        {
            if (!TryValue(() => tree.Value(), out var expected))
            {
                return true;
            }

            return TryValue(() => Calculation.Evaluate(tree.Text()).Value, out var actual) && actual == expected;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Calculator_ResultReadBack_IsTheSame() =>
        Prop.ForAll(Numbers().ToArbitrary(), number =>
            Calculation.Evaluate(NumberText.Of(new Number(Fraction.FromDecimal(number))).Digits).Value == Fraction.FromDecimal(number))
                .QuickCheckThrowOnFailure();

    [Fact]
    public void Calculator_GroupedDigits_AreTheSameNumber() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), number =>
            Calculation.Evaluate(number.ToString("#,0", CultureInfo.InvariantCulture)).Value == number).QuickCheckThrowOnFailure();

    [Fact]
    public void Calculator_Garbage_NeverThrowsAnythingElse() =>
        Prop.ForAll(Gen.Elements(Alphabet.ToCharArray()).ListOf().Select(signs => new string([.. signs])).ToArbitrary(), text =>
        {
            try
            {
                _ = NumberText.Of(Calculation.Evaluate(text));
                return true;
            }
            catch (CalculatorException problem)
            {
                return problem.Position >= 0 && problem.Position <= text.Length;
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    private static bool TryValue(Func<Fraction> compute, out Fraction value)
    {
        try
        {
            value = compute();
            return true;
        }
        catch (Exception problem) when (problem is DivideByZeroException or CalculatorException)
        {
            value = Fraction.Zero;
            return false;
        }
    }

    private static Gen<decimal> Numbers() =>
        from mantissa in Gen.Choose(-1_000_000, 1_000_000)
        from places in Gen.Choose(0, 4)
        select new decimal(Math.Abs(mantissa), 0, 0, mantissa < 0, (byte)places);

    private static Gen<Tree> Trees() => Gen.Sized(size => Trees(Math.Min(size, 5)));

    private static Gen<Tree> Trees(int depth)
    {
        var leaf = Numbers().Select(Tree (number) => new Leaf(Math.Abs(number)));
        if (depth == 0)
        {
            return leaf;
        }

        var inner = Trees(depth - 1);
        return Gen.OneOf(
            leaf,
            inner.Select(Tree (operand) => new Minus(operand)),
            from sign in Gen.Elements('+', '-', '*', '/')
            from left in inner
            from right in inner
            select (Tree)new Pair(sign, left, right));
    }

    internal abstract record Tree
    {
        public abstract Fraction Value();

        public abstract string Text();
    }

    internal sealed record Leaf(decimal Number) : Tree
    {
        public override Fraction Value() => Fraction.FromDecimal(Number);

        public override string Text() => Number.ToString(CultureInfo.InvariantCulture);
    }

    internal sealed record Minus(Tree Operand) : Tree
    {
        public override Fraction Value() => -Operand.Value();

        public override string Text() => $"(-{Operand.Text()})";
    }

    internal sealed record Pair(char Sign, Tree Left, Tree Right) : Tree
    {
        public override Fraction Value()
        {
            var (left, right) = (Left.Value(), Right.Value());
            return Sign switch
            {
                '+' => left + right,
                '-' =>
                left - right,
                '*' => left * right,
                _ => right.IsZero ? throw new DivideByZeroException() : left / right
            };
        }

        public override string Text() => $"({Left.Text()} {Sign} {Right.Text()})";
    }
}
