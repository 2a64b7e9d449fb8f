using System.Globalization;
using System.Numerics;
using Fractions;

namespace AgentStream.Worker.Tools.Calculator;

/// <summary>Writes results: a point for the decimals, no separators, and an exponent only where zeros would fill the line.</summary>
internal static class NumberText
{
    private const int MostZeros = 15;

    /// <summary>Digits that are worth reading.</summary>
    private const int MostDigits = 1_000;

    /// <summary>The digits, and whether there would be more of them.</summary>
    public static (string Digits, bool IsRounded) Of(Number number)
    {
        var value = number.Value;
        if (value.IsZero)
        {
            return ("0", false);
        }

        var magnitude = NumberMath.Magnitude(value);
        var places = magnitude > MostDigits ? NumberMath.Digits - magnitude : NumberMath.Digits - Math.Min(0, magnitude);
        var bits = (int)value.Denominator.GetBitLength();
        if (number.IsExact && bits + magnitude <= MostDigits && BigInteger.ModPow(10, bits, value.Denominator).IsZero)
        {
            // It ends, and not later than that.
            places = Math.Max(places, bits);
        }

        var scaled = Fraction.Abs(value) * Fraction.Pow(new Fraction(10), places);
        var rounded = Fraction.Round(scaled, 0, MidpointRounding.AwayFromZero);
        var digits = ((BigInteger)rounded).ToString(CultureInfo.InvariantCulture);
        var significant = digits.TrimEnd('0');
        return ((value.IsNegative ? "-" : "") + Written(significant, digits.Length - significant.Length - places), rounded != scaled);
    }

    /// <param name="digits">Without zeros at its end.</param>
    /// <param name="power">The power of ten of the last of them.</param>
    private static string Written(string digits, int power)
    {
        var point = digits.Length + power;
        if ((power > MostZeros && power > digits.Length) || point < -MostZeros)
        {
            var fraction = digits.Length > 1 ? $".{digits[1..]}" : "";
            return string.Create(CultureInfo.InvariantCulture, $"{digits[0]}{fraction}e{point - 1}");
        }

        return power >= 0 ? digits + new string('0', power)
            : point > 0 ? $"{digits[..point]}.{digits[point..]}"
            : $"0.{new string('0', -point)}{digits}";
    }
}
