using System.Globalization;
using System.Numerics;
using Fractions;

namespace AgentStream.Worker.Tools.Calculator;

/// <summary>
/// Arithmetic on fractions, bounded in size.
/// Roots, logarithms, exponentials, trigonometry and powers with fractional exponents are approximations, roots to
/// <see cref="Digits"/> digits and the others to 15, and say so.
/// </summary>
internal static class NumberMath
{
    /// <summary>Digits of a rounded result.</summary>
    public const int Digits = 28;

    /// <summary>Numbers end at so many digits, and the terms of their fractions too.</summary>
    public const int MaxDigits = 10_000;

    public const int MaxExponent = 100_000;

    private const double BitsPerDigit = 3.3219280948873626;
    private const long MaxBits = (long)(MaxDigits * BitsPerDigit);

    // What is left of a fraction whose terms have grown too long.
    private const int DigitsKept = 60;

    private static readonly Fraction Ten = new(10);
    private static readonly Fraction Half = new(1, 2);

    private static readonly string Range = $"numbers have at most {MaxDigits} digits before the point, and as many after it";

    public static Number Add(Number left, Number right, int position) =>
        Bounded(Made(left.Value + right.Value, left, right), position);

    public static Number Multiply(Number left, Number right, int position) =>
        Bounded(Made(left.Value * right.Value, left, right), position);

    public static Number Divide(Number left, Number right, int position) => right.Value.IsZero
        ? throw new CalculatorException("Division by zero", position)
        : Bounded(Made(left.Value / right.Value, left, right), position);

    /// <summary>The remainder has the sign of the divisor, as in mathematics: -7 mod 3 is 2.</summary>
    public static Number Modulo(Number left, Number right, int position)
    {
        var times = Round(Divide(left, right, position), 0, MidpointRounding.ToNegativeInfinity);
        return Made(left.Value - (right.Value * times.Value), left, right);
    }

    public static Number Round(Number number, int places, MidpointRounding rounding) =>
        number with { Value = Fraction.Round(number.Value, places, rounding) };

    public static Number Factorial(Number number, int position)
    {
        if (!IsWhole(number) || number.Value.IsNegative)
        {
            throw new CalculatorException("Only whole numbers from 0 on have a factorial", position);
        }

        var product = BigInteger.One;
        for (var factor = new BigInteger(2); factor <= number.Value.Numerator; factor++)
        {
            product *= factor;
            if (product.GetBitLength() > MaxBits)
            {
                throw TooLarge(position);
            }
        }

        return number with { Value = product };
    }

    public static Number Power(Number value, Number exponent, int position)
    {
        if (value.Value.IsZero && exponent.Value.IsNegative)
        {
            throw new CalculatorException("Division by zero: zero has no negative power", position);
        }

        if (!IsWhole(exponent))
        {
            return value.Value.IsNegative
                ? throw new CalculatorException("A negative number has no real power with a fractional exponent", position)
                : exponent is { IsExact: true, Value: var half } && half == Half ? SquareRoot(value, position)
                : Approximate(Math.Pow(ToDouble(value, position), ToDouble(exponent, position)), position);
        }

        if (Fraction.Abs(exponent.Value) > MaxExponent)
        {
            throw new CalculatorException($"The exponent is too large; at most {MaxExponent}", position);
        }

        var whole = (int)exponent.Value;
        return WholePower(whole < 0 ? value with { Value = Fraction.One / value.Value } : value, Math.Abs(whole), position);
    }

    public static Number SquareRoot(Number number, int position)
    {
        if (number.Value.IsNegative)
        {
            throw new CalculatorException("A negative number has no real square root", position);
        }

        if (number.Value.IsZero)
        {
            return number;
        }

        var terms = new Fraction(IntegerRoot(number.Value.Numerator), IntegerRoot(number.Value.Denominator));
        if (terms * terms == number.Value)
        {
            return number with { Value = terms };
        }

        // Shifted by pairs of digits: the root's digits count from the first that is not zero.
        var shift = Fraction.Pow(Ten, Math.Max(0, DigitsKept - (Magnitude(number.Value) / 2)));
        return new Number(new Fraction(IntegerRoot((BigInteger)(number.Value * shift * shift)), shift.Numerator), IsExact: false);
    }

    public static Number Logarithm(Number number, Func<double, double> logarithm, int position)
    {
        if (!number.Value.IsPositive)
        {
            throw new CalculatorException("Only positive numbers have a logarithm", position);
        }

        var value = number.Value.ToDouble();
        return value > 0 && double.IsFinite(value)
            ? Approximate(logarithm(value), position, isExact: number is { IsExact: true, Value: var one } && one == Fraction.One)
            : Approximate(
                (BigInteger.Log(number.Value.Numerator) - BigInteger.Log(number.Value.Denominator)) * logarithm(Math.E), position);
    }

    public static Number DecimalLogarithm(Number number, int position)
    {
        var logarithm = Logarithm(number, Math.Log10, position);
        return number.IsExact && IsWhole(logarithm) && Fraction.Pow(Ten, (int)logarithm.Value) == number.Value
            ? logarithm with { IsExact = true }
            : logarithm;
    }

    public static Number Exponential(Number number, int position) =>
        Approximate(Math.Exp(ToDouble(number, position)), position, IsExactZero(number));

    // Beyond 15 places there is only the rounding of pi: sin(pi) is 0.
    public static Number Trigonometric(Number number, Func<double, double> function, int position) =>
        Round(Approximate(function(ToDouble(number, position)), position, IsExactZero(number)), 15, MidpointRounding.ToEven);

    /// <summary>A number as it is written, without separators.</summary>
    public static Number Parse(string text, int position)
    {
        var parts = text.Split('e', 'E');
        var point = parts[0].IndexOf('.', StringComparison.Ordinal);
        var digits = BigInteger.Parse(parts[0].Replace(".", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
        var exponent = parts.Length > 1 ? BigInteger.Parse(parts[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) : 0;
        if (BigInteger.Abs(exponent) > MaxDigits && !digits.IsZero)
        {
            throw exponent.Sign > 0 ? TooLarge(position) : TooSmall(position);
        }

        var power = digits.IsZero ? 0 : (int)exponent - (point < 0 ? 0 : parts[0].Length - point - 1);
        return Bounded(new Number(new Fraction(digits) * Fraction.Pow(Ten, power)), position);
    }

    /// <summary>The power of ten of the first digit, give or take one.</summary>
    public static int Magnitude(Fraction value) =>
        (int)((value.Numerator.GetBitLength() - value.Denominator.GetBitLength()) / BitsPerDigit);

    public static bool IsWhole(Number number) => number.Value.Denominator.IsOne;

    private static Number WholePower(Number value, int exponent, int position)
    {
        var result = new Number(Fraction.One, value.IsExact);
        while (true)
        {
            if ((exponent & 1) == 1)
            {
                result = Multiply(result, value, position);
            }

            exponent >>= 1;
            if (exponent == 0)
            {
                return result;
            }

            value = Multiply(value, value, position);
        }
    }

    private static Number Made(Fraction value, Number left, Number right) => new(value, left.IsExact && right.IsExact);

    private static Number Bounded(Number number, int position)
    {
        if (number.Value.Numerator.GetBitLength() <= MaxBits && number.Value.Denominator.GetBitLength() <= MaxBits)
        {
            return number;
        }

        var magnitude = Magnitude(number.Value);
        if (Math.Abs(magnitude) >= MaxDigits)
        {
            throw magnitude > 0 ? TooLarge(position) : TooSmall(position);
        }

        var shift = Fraction.Pow(Ten, DigitsKept - magnitude);
        return new Number(Fraction.Round(number.Value * shift, 0) / shift, IsExact: false);
    }

    private static Number Approximate(double value, int position, bool isExact = false)
    {
        if (!double.IsFinite(value))
        {
            throw new CalculatorException("The result is too large for an approximation; those go up to 1.7e308", position);
        }

        var size = Parse(Math.Abs(value).ToString("E14", CultureInfo.InvariantCulture), position).Value;
        return new Number(value < 0 ? -size : size, isExact);
    }

    private static bool IsExactZero(Number number) => number.IsExact && number.Value.IsZero;

    private static double ToDouble(Number number, int position) => number.Value.ToDouble() is var value && double.IsFinite(value)
        ? value
        : throw new CalculatorException("This number is too large for an approximation; those go up to 1.7e308", position);

    /// <summary>The whole part of a square root, by Newton's method.</summary>
    private static BigInteger IntegerRoot(BigInteger value)
    {
        var root = BigInteger.One << (int)((value.GetBitLength() + 1) / 2);
        while (true)
        {
            var next = (root + (value / root)) >> 1;
            if (next >= root)
            {
                return root;
            }

            root = next;
        }
    }

    private static CalculatorException TooLarge(int position) => new($"The result is too large; {Range}", position);

    private static CalculatorException TooSmall(int position) => new($"The result is too small; {Range}", position);
}
