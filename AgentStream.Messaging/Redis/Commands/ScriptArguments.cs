using System.Collections;
using StackExchange.Redis;

namespace AgentStream.Messaging.Redis.Commands;

/// <summary>The arguments of a script, each with its name; see <c>arguments.lua</c>.</summary>
internal sealed class ScriptArguments : IEnumerable<RedisValue>
{
    private readonly List<RedisValue> _values = [];

    public void Add(string name, RedisValue value)
    {
        _values.Add(name);
        _values.Add(value);
    }

    public ScriptArguments Add(ScriptArguments others)
    {
        _values.AddRange(others._values);
        return this;
    }

    /// <summary>Adds the time for scripts where it is another clock's than the system's (tests): else they take Redis's own.</summary>
    public ScriptArguments AddNow(TimeProvider time)
    {
        if (time != TimeProvider.System)
        {
            Add("now", ToMicroseconds(time.GetUtcNow()));
        }

        return this;
    }

    public RedisValue[] ToArray() => [.. _values];

    public IEnumerator<RedisValue> GetEnumerator() => _values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public static long ToMicroseconds(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    public static long ToMicroseconds(TimeSpan time) => time.Ticks / TimeSpan.TicksPerMicrosecond;

    public static DateTimeOffset ToTime(long microseconds)
        => DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);
}
