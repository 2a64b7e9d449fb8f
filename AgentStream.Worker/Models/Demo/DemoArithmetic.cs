using System.Text.RegularExpressions;

namespace AgentStream.Worker.Models.Demo;

/// <summary>Finds the calculations in a sentence: "What is 17.5% of 2,340?", "12 times 7", "the square root of 144".</summary>
internal static partial class DemoArithmetic
{
    private static readonly (Regex Words, string Sign)[] Spoken =
    [
        (SquareRoot(), "sqrt($1)"),
        (Percent(), "%"),
        (Times(), " * "),
        (DividedBy(), " / "),
        (Plus(), " + "),
        (Minus(), " - "),
        (Squared(), "^2"),
        (Cubed(), "^3"),
        (PowerOf(), "^"),
        (Modulo(), " mod "),
    ];

    public static IEnumerable<string> In(string text)
    {
        foreach (var (words, sign) in Spoken)
        {
            text = words.Replace(text, sign);
        }

        return Candidate().Matches(text)
            .Select(match => Tidy(match.Value))
            .Where(IsCalculation)
            .Distinct(StringComparer.Ordinal);
    }

    // A number alone is no calculation, and neither is "24/7" or a date.
    private static bool IsCalculation(string candidate) =>
        Operation().IsMatch(candidate) && candidate.Any(char.IsAsciiDigit) && !Date().IsMatch(candidate) && candidate != "24/7";

    private static string Tidy(string candidate)
    {
        var text = Spaces().Replace(candidate, " ").Trim(' ', ',', '.', '*', '/', '+', '^', '=');
        return Dangling().Replace(text, "").TrimEnd(' ', ',', '.', '-');
    }

    [GeneratedRegex(@"\b(?:the )?square root of (\d[\d,]*(?:\.\d+)?)", RegexOptions.IgnoreCase)]
    private static partial Regex SquareRoot();

    [GeneratedRegex(@"\s*\b(?:percent|per cent)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Percent();

    [GeneratedRegex(@"(?<=[\d)%])\s*(?:\btimes\b|\bmultiplied by\b|\bx\b)\s*(?=[\d(-])", RegexOptions.IgnoreCase)]
    private static partial Regex Times();

    [GeneratedRegex(@"(?<=[\d)%])\s*\b(?:divided by|over)\b\s*(?=[\d(-])", RegexOptions.IgnoreCase)]
    private static partial Regex DividedBy();

    [GeneratedRegex(@"(?<=[\d)%])\s*\bplus\b\s*(?=[\d(-])", RegexOptions.IgnoreCase)]
    private static partial Regex Plus();

    [GeneratedRegex(@"(?<=[\d)%])\s*\bminus\b\s*(?=[\d(-])", RegexOptions.IgnoreCase)]
    private static partial Regex Minus();

    [GeneratedRegex(@"(?<=[\d)])\s*\bsquared\b", RegexOptions.IgnoreCase)]
    private static partial Regex Squared();

    [GeneratedRegex(@"(?<=[\d)])\s*\bcubed\b", RegexOptions.IgnoreCase)]
    private static partial Regex Cubed();

    [GeneratedRegex(@"(?<=[\d)])\s*\b(?:to the power of|to the power)\b\s*(?=[\d(-])", RegexOptions.IgnoreCase)]
    private static partial Regex PowerOf();

    [GeneratedRegex(@"(?<=[\d)])\s*\b(?:modulo|mod)\b\s*(?=[\d(-])", RegexOptions.IgnoreCase)]
    private static partial Regex Modulo();

    // A run of numbers, signs, parentheses and the words that the calculator knows.
    [GeneratedRegex(
        @"(?:\b(?:sqrt|abs|round|floor|ceil|min|max|ln|log10|exp|sin|cos|tan|mod)\s*\(|\bpi\b|\bmod\b|\bof\b"
            + @"|\d+(?:[.,]\d+)*(?:[eE][+-]?\d+)?|[-+*/^%()×÷−,]|\s)+")]
    private static partial Regex Candidate();

    [GeneratedRegex(
        @"(?:\d|\)|\bpi)\s*%?\s*(?:[-+*/^×÷−]|\bof\b|\bmod\b)\s*(?:\d|\(|-|\bpi\b|\b(?:sqrt|abs|round|floor|ceil|min|max|ln|log10|exp|sin"
            + @"|cos|tan)\()|\b(?:sqrt|abs|round|floor|ceil|min|max|ln|log10|exp|sin|cos|tan)\s*\(")]
    private static partial Regex Operation();

    [GeneratedRegex(@"^\d{4}-\d{1,2}-\d{1,2}$|^\d{1,2}/\d{1,2}/\d{2,4}$")]
    private static partial Regex Date();

    [GeneratedRegex(@"^(?:\s*\b(?:of|mod)\b)+|(?:\b(?:of|mod)\b\s*)+$")]
    private static partial Regex Dangling();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
