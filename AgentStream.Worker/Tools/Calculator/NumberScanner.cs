using System.Globalization;

namespace AgentStream.Worker.Tools.Calculator;

/// <summary>Reads numbers: <c>12</c>, <c>1,234.5</c>, <c>.5</c>, <c>6.02e23</c>.</summary>
internal static class NumberScanner
{
    private const int MaxLength = 64;
    private const int GroupSize = 3;

    /// <summary>How many characters belong to the number that starts at <paramref name="start"/>.</summary>
    public static int Scan(string text, int start, bool groupsAllowed)
    {
        var end = Digits(text, start);
        if (groupsAllowed && end - start is >= 1 and <= GroupSize)
        {
            while (IsGroup(text, end))
            {
                end += 1 + GroupSize;
            }
        }

        if (end < text.Length && text[end] == '.')
        {
            end = Digits(text, end + 1);
        }

        var exponent = end < text.Length && text[end] is 'e' or 'E' ? end + 1 : -1;
        if (exponent > 0)
        {
            exponent += exponent < text.Length && text[exponent] is '+' or '-' ? 1 : 0;
            var last = exponent < text.Length ? Digits(text, exponent) : exponent;
            end = last > exponent ? last : end;
        }

        return end - start;
    }

    /// <exception cref="CalculatorException">The number does not fit.</exception>
    public static decimal Parse(string text, int start, int length)
    {
        if (length > MaxLength)
        {
            throw new CalculatorException($"This number is too long; at most {MaxLength} characters", start);
        }

        var digits = text.Substring(start, length).Replace(",", "", StringComparison.Ordinal);
        const NumberStyles Style = NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        if (!decimal.TryParse(digits, Style, CultureInfo.InvariantCulture, out var value))
        {
            throw new CalculatorException($"This number is too large; {DecimalMath.Range}", start);
        }

        var mantissa = digits.AsSpan(0, digits.IndexOfAny(['e', 'E']) is var e and >= 0 ? e : digits.Length);
        if (value == 0 && mantissa.ContainsAnyInRange('1', '9'))
        {
            throw new CalculatorException($"This number is too small; {DecimalMath.Range}", start);
        }

        return value;
    }

    /// <summary>A comma at <paramref name="at"/> followed by exactly three digits.</summary>
    public static bool IsGroup(string text, int at) =>
        at < text.Length && text[at] == ',' && Digits(text, at + 1) - (at + 1) == GroupSize;

    private static int Digits(string text, int from)
    {
        while (from < text.Length && char.IsAsciiDigit(text[from]))
        {
            from++;
        }

        return from;
    }
}
