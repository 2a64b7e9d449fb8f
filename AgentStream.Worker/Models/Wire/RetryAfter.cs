using System.Globalization;
using System.Net.Http.Headers;

namespace AgentStream.Worker.Models.Wire;

/// <summary>The time for which a server asks to be left alone.</summary>
internal static class RetryAfter
{
    public const string Header = "Retry-After";

    /// <summary>The header that OpenAI and Anthropic send beside it, more precisely.</summary>
    public const string MillisecondsHeader = "retry-after-ms";

    /// <summary>Null: it does not say, or not in a way that is known.</summary>
    /// <param name="value"><c>3</c>, <c>0.5</c> or <c>Sat, 21 Nov 2026 12:00:00 GMT</c>.</param>
    /// <param name="milliseconds"><c>1500</c>; counts first.</param>
    /// <param name="now">What a date is measured from.</param>
    public static TimeSpan? Read(string? value, string? milliseconds, DateTimeOffset now)
    {
        var wait = Number(milliseconds) is { } precise ? precise / 1000 : Number(value);
        if (wait is { } seconds)
        {
            return TimeSpan.FromSeconds(Math.Clamp(seconds, 0, TimeSpan.FromDays(36500).TotalSeconds));
        }

        return RetryConditionHeaderValue.TryParse(value, out var header) && header.Date is { } date
            ? date > now ? date - now : TimeSpan.Zero
            : null;
    }

    // Some write "30s".
    private static double? Number(string? text) =>
        double.TryParse(text.AsSpan().Trim().TrimEnd('s'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
}
