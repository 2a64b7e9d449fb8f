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

    /// <summary>Takes the next token of a frame.</summary>
    /// <param name="frame">The frame, and then what is left of it.</param>
    /// <param name="sent">The moment at which the token was sent, in microseconds.</param>
    public static bool TryNext(ref ReadOnlySpan<byte> frame, out long sent)
    {
        sent = 0;
        var at = frame.IndexOf((byte)'@');
        if (at < 0 || at + Digits >= frame.Length)
        {
            return false;
        }

        foreach (var digit in frame.Slice(at + 1, Digits))
        {
            sent = (sent * 10) + (digit - '0');
        }

        frame = frame[(at + Length)..];
        return true;
    }
}
