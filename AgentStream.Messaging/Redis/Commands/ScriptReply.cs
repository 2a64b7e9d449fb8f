using System.Globalization;
using System.Text;
using AgentStream.Messaging.Encryption;
using StackExchange.Redis;

namespace AgentStream.Messaging.Redis.Commands;

/// <summary>The reader of replies: what Redis answers, by name.</summary>
internal sealed class ScriptReply
{
    private readonly Dictionary<string, RedisResult> _values = [];
    private readonly ContentCipher _cipher;

    /// <summary>Reads <c>name, value, name, value …</c>, as scripts answer.</summary>
    public ScriptReply(RedisResult result, ContentCipher cipher)
    {
        _cipher = cipher;
        if (result.Resp2Type == ResultType.Array && !result.IsNull)
        {
            foreach (var pair in ((RedisResult[])result!).Chunk(2))
            {
                _values[(string)pair[0]!] = pair[1];
            }
        }
    }

    /// <summary>Gives the values of a plain command the names that were asked for.</summary>
    public ScriptReply(IEnumerable<string> names, IEnumerable<RedisValue> values, ContentCipher cipher)
    {
        _cipher = cipher;
        foreach (var (name, value) in names.Zip(values))
        {
            _values[name] = RedisResult.Create(value);
        }
    }

    /// <summary>Whether there is such a value, be it empty.</summary>
    public bool Has(string name) => _values.TryGetValue(name, out var value) && !value.IsNull;

    /// <summary>The value as text, <c>null</c> where there is none.</summary>
    public string? Text(string name)
        => _cipher.HasKeys ? Bytes(name) is { } bytes ? Encoding.UTF8.GetString(bytes) : null
            : Has(name) ? (string?)_values[name] : null;

    /// <summary>The value as bytes, <c>null</c> where there is none.</summary>
    /// <exception cref="System.Text.Json.JsonException">It is encrypted, and its key is not here.</exception>
    public byte[]? Bytes(string name) => Has(name) ? _cipher.Open((byte[])_values[name]!) : null;

    /// <summary>The value as a number, 0 where there is none.</summary>
    public long Number(string name) => Text(name) is { Length: > 0 } text ? long.Parse(text, CultureInfo.InvariantCulture) : 0;

    /// <summary>The values in it, none where there is none.</summary>
    public byte[][] List(string name) => Has(name) ? Array.ConvertAll((byte[][])_values[name]!, _cipher.Open) : [];

    /// <summary>The values in it, two by two.</summary>
    public IEnumerable<(string First, string Second)> Pairs(string name)
        => Has(name) ? ((string[])_values[name]!).Chunk(2).Select(pair => (pair[0], pair[1])) : [];

    /// <summary>The named values in it.</summary>
    public ScriptReply Map(string name)
        => new(_values.GetValueOrDefault(name) ?? RedisResult.Create(Array.Empty<RedisResult>()), _cipher);

    /// <summary>The answer of <c>SCAN</c>.</summary>
    public static (string Cursor, string[] Keys) ReadScan(RedisResult result)
    {
        var answer = (RedisResult[])result!;
        return ((string)answer[0]!, (string[])answer[1]!);
    }
}
