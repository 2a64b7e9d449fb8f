using System.Globalization;
using System.Text;

namespace AgentStream.Benchmarks.Load;

/// <summary>A viewer that reads when the worker says that it began the run.</summary>
/// <param name="session">The session.</param>
internal sealed class StartViewer(string session) : AgentStreamViewer(session)
{
    private const string Timestamp = "\"timestamp\":";

    private long _startedAt;

    /// <summary>The moment of the run's start, in microseconds since 1970; 0: it has not come yet.</summary>
    public long StartedAt => Interlocked.Read(ref _startedAt);

    /// <summary>The same clock's time now.</summary>
    public static long Now() => (DateTime.UtcNow - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    public override bool Counts(ReadOnlySpan<byte> frame)
    {
        if (frame.IndexOf("\"type\":\"run_started\""u8) >= 0)
        {
            var text = Encoding.UTF8.GetString(frame);
            var from = text.IndexOf(Timestamp, StringComparison.Ordinal) + Timestamp.Length;
            var seconds = decimal.Parse(text.AsSpan(from, text.AsSpan(from).IndexOfAny(',', '}')), CultureInfo.InvariantCulture);
            Interlocked.Exchange(ref _startedAt, (long)(seconds * 1_000_000));
        }

        return base.Counts(frame);
    }
}
