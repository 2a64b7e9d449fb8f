using System.Globalization;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Messaging.Owners;

/// <summary>What runs have used.</summary>
/// <param name="Tokens">Input and output.</param>
/// <param name="Nanos">Billionths of the currency that prices are in, so that sums are exact.</param>
internal readonly record struct Spending(long Tokens, long Nanos)
{
    private const decimal One = 1_000_000_000;

    /// <summary>The money, in the currency that prices are in.</summary>
    public decimal Money => Nanos / One;

    public static Spending operator +(Spending one, Spending other) => new(one.Tokens + other.Tokens, one.Nanos + other.Nanos);

    /// <summary>What one run has used.</summary>
    public static Spending Of(TokenUsage usage)
        => new(Math.Max(0, usage.TotalTokens), (long)Math.Clamp((usage.Cost ?? 0) * One, 0, long.MaxValue / 2));

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static Spending Parse(string text)
        => text.Split(' ') is [var tokens, var nanos]
            ? new(long.Parse(tokens, CultureInfo.InvariantCulture), long.Parse(nanos, CultureInfo.InvariantCulture))
            : throw new FormatException($"'{text}' is not what a run has used.");

    /// <summary>The day that counts for a time: UTC's.</summary>
    public static DateOnly DayOf(DateTimeOffset time) => DateOnly.FromDateTime(time.UtcDateTime);

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Tokens} {Nanos}");
}
