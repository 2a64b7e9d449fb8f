using System.Diagnostics;
using System.Globalization;

namespace AgentStream.Benchmarks.Load;

/// <summary>
/// The text of a token: the moment at which the model sent it.
/// So a token that arrives tells how long it was under way, merged with others or not.
/// </summary>
/// <remarks><c>@</c>, 15 digits (microseconds of the monotonic clock), a space. Nothing else in a frame has an <c>@</c> in it.</remarks>
internal static class Stamp
{
    public const int Length = 17;
    private const int Digits = 15;

    public static string Now() => string.Create(CultureInfo.InvariantCulture, $"@{Microseconds():D15} ");

    public static long Microseconds() => Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1_000_000);

    /// <summary>Gets how many tokens a frame brings.</summary>
    public static int Count(ReadOnlySpan<byte> frame) => frame.Count((byte)'@');

    /// <summary>Gets how long the oldest token of a frame was under way, in microseconds; -1 where there is none.</summary>
    public static long Age(ReadOnlySpan<byte> frame)
    {
        var at = frame.IndexOf((byte)'@');
        if (at < 0 || at + Digits >= frame.Length)
        {
            return -1;
        }

        long sent = 0;
        foreach (var digit in frame.Slice(at + 1, Digits))
        {
            sent = (sent * 10) + (digit - '0');
        }

        return Microseconds() - sent;
    }
}
