using System.Globalization;
using StackExchange.Redis;

namespace AgentStream.Messaging.Redis.Commands;

/// <summary>The arguments that every script of a session begins with; see <c>common.lua</c>.</summary>
internal sealed class ScriptArguments(RedisKeys keys, TimeSpan retention, TimeProvider timeProvider)
{
    /// <summary>
    /// The time in microseconds for scripts: empty, so that they take Redis's own, which is one for all processes;
    /// with another clock than the system's (tests) that clock's.
    /// </summary>
    public RedisValue Now => timeProvider == TimeProvider.System
        ? RedisValue.EmptyString
        : ToMicroseconds(timeProvider.GetUtcNow()).ToString(CultureInfo.InvariantCulture);

    public RedisValue[] Of(SessionKeys session, (Epoch Epoch, Offset Last)? known, params ReadOnlySpan<RedisValue> own) =>
    [
        Now,
        (long)retention.TotalMilliseconds,
        session.Live,
        keys.Signals,
        known?.Epoch.Value ?? "",
        known is { } told ? told.Last.Value : RedisValue.EmptyString,
        session.SessionId.Value,
        .. own,
    ];

    public static long ToMicroseconds(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    public static long ToMicroseconds(TimeSpan time) => time.Ticks / TimeSpan.TicksPerMicrosecond;

    public static DateTimeOffset ToTime(long microseconds)
        => DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);
}
