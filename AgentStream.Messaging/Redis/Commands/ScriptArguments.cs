using System.Collections;
using AgentStream.Messaging.Encryption;
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

    /// <summary>Encrypts what people and models said, where the cipher does: all else is for scripts, and for people who look.</summary>
    public ScriptArguments Seal(ContentCipher cipher)
    {
        if (!cipher.Encrypts)
        {
            return this;
        }

        for (var i = 0; i < _values.Count; i += 2)
        {
            if (IsContent(_values[i].ToString()))
            {
                _values[i + 1] = cipher.Seal((byte[])_values[i + 1]!);
            }
        }

        return this;
    }

    public RedisValue[] ToArray() => [.. _values];

    public IEnumerator<RedisValue> GetEnumerator() => _values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>
    /// Frames, the transcript, requests and checkpoints, what is asked of people, and what is known of runs: it has a hash of each message.
    /// </summary>
    private static bool IsContent(string name)
        => name is "frame" or "SET base" or "HSET meta state" or "HSET meta title"
            || name.StartsWith("HSET records ", StringComparison.Ordinal)
            || name.StartsWith("HSET runs ", StringComparison.Ordinal);

    public static long ToMicroseconds(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    public static long ToMicroseconds(TimeSpan time) => time.Ticks / TimeSpan.TicksPerMicrosecond;

    public static DateTimeOffset ToTime(long microseconds)
        => DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);
}
