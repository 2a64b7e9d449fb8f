namespace AgentStream.Worker.Tools.Calculator;

/// <summary>
/// Arithmetic on <see cref="decimal"/> that tells "too large" and "too small" apart instead of overflowing or becoming zero in silence. Logarithms, exponentials, trigonometry and powers with
/// fractional exponents go through <see cref="double"/> and are good for 15 digits; everything else is good for 28.
/// </summary>
internal static class DecimalMath
{
    public const string Range = "numbers go up to 79228162514264337593543950335 with at most 28 decimals";

    private const int MaxExponent = 100_000;

    public static decimal Multiply(decimal left, decimal right, int position)
    {
        var product = Guard(left, right, static (a, b) => a * b, position);
        return product == 0 && left != 0 && right != 0 ? throw TooSmall(position) : product;
    }

    public static decimal Divide(decimal left, decimal right, int position)
    {
        if (right == 0)
        {
            throw new CalculatorException("Division by zero", position);
        }

        var quotient = Guard(left, right, static (a, b) => a / b, position);
        return quotient == 0 && left != 0 ? throw TooSmall(position) : quotient;
    }

    public static decimal Add(decimal left, decimal right, int position) => Guard(left, right, static (a, b) => a + b, position);

    /// <summary>The remainder has the sign of the divisor, as in mathematics: -7 mod 3 is 2.</summary>
    public static decimal Modulo(decimal left, decimal right, int position)
    {
        if (right == 0)
        {
            throw new CalculatorException("Division by zero", position);
        }

        var remainder = Guard(left, right, static (a, b) => a % b, position);
        return remainder != 0 && (remainder < 0) != (right < 0) ? remainder + right : remainder;
    }

    public static decimal Power(decimal value, decimal exponent, int position)
    {
        if (value == 0 && exponent < 0)
        {
            throw new CalculatorException("Division by zero: zero has no negative power", position);
        }

        if (exponent != Math.Truncate(exponent))
        {
            return value < 0
                ? throw new CalculatorException("A negative number has no real power with a fractional exponent", position)
                : FromDouble(Math.Pow((double)value, (double)exponent), position);
        }

        if (Math.Abs(exponent) > MaxExponent)
        {
            throw new CalculatorException($"The exponent is too large; at most {MaxExponent}", position);
        }

        var shrinks = value != 0 && Math.Abs(value) < 1;
        return (exponent < 0, shrinks) switch
        {
            (false, false) => WholePower(value, (int)exponent, position),
            (true, true) => WholePower(1 / value, (int)-exponent, position),
            // What grows beyond the range, seen from the other side, is too small.
            (true, false) => Divide(1, SmallerThan(position, () => WholePower(value, (int)-exponent, position)), position),
            (false, true) => SmallPower(value, (int)exponent, position),
        };
    }

    public static decimal SquareRoot(decimal value, int position)
    {
        if (value < 0)
        {
            throw new CalculatorException("A negative number has no real square root", position);
        }

        if (value == 0)
        {
            return 0;
        }

        // Newton's method doubles the good digits: from 15 to 28 in one step, and a second one settles the last.
        var root = (decimal)Math.Sqrt((double)value);
        root = (root + (value / root)) / 2;
        return (root + (value / root)) / 2;
    }

    public static decimal Logarithm(decimal value, Func<double, double> logarithm, int position) => value <= 0
        ? throw new CalculatorException("Only positive numbers have a logarithm", position)
        : FromDouble(logarithm((double)value), position);

    // Beyond 15 places there is only the rounding of pi: sin(pi) is 0.
    public static decimal Trigonometric(decimal value, Func<double, double> function, int position) =>
        Math.Round(FromDouble(function((double)value), position), 15);

    public static decimal FromDouble(double value, int position) =>
        double.IsNaN(value) || Math.Abs(value) >= (double)decimal.MaxValue ? throw TooLarge(position) : (decimal)value;

    private static decimal WholePower(decimal value, int exponent, int position)
    {
        var result = 1m;
        while (true)
        {
            if ((exponent & 1) == 1)
            {
                result = Guard(result, value, static (a, b) => a * b, position);
            }

            exponent >>= 1;
            if (exponent == 0)
            {
                return result;
            }

            value = Guard(value, value, static (a, b) => a * b, position);
        }
    }

    private static decimal SmallPower(decimal value, int exponent, int position)
    {
        var power = WholePower(value, exponent, position);
        return power == 0 ? throw TooSmall(position) : power;
    }

    private static decimal SmallerThan(int position, Func<decimal> divisor)
    {
        try
        {
            return divisor();
        }
        catch (CalculatorException)
        {
            throw TooSmall(position);
        }
    }

    private static decimal Guard(decimal left, decimal right, Func<decimal, decimal, decimal> operation, int position)
    {
        try
        {
            return operation(left, right);
        }
        catch (OverflowException)
        {
            throw TooLarge(position);
        }
    }

    private static CalculatorException TooLarge(int position) => new($"The result is too large; {Range}", position);

    private static CalculatorException TooSmall(int position) => new($"The result is too small; {Range}", position);
}
