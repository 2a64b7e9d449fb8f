using System.Globalization;

namespace AgentStream.Worker.Tools.Calculator;

internal static class DecimalText
{
    // As many places as a decimal can have: the format drops trailing zeros and never resorts to an exponent.
    private const string Format = "0.############################";

    /// <summary>A point for the decimals, no separators, no trailing zeros, no "-0".</summary>
    public static string Of(decimal value) => value == 0 ? "0" : value.ToString(Format, CultureInfo.InvariantCulture);
}
