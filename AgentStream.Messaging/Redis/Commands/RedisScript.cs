using System.Security.Cryptography;
using System.Text;

namespace AgentStream.Messaging.Redis.Commands;

/// <summary>
/// The scripts, each an embedded file under <c>Scripts/</c>. None decides anything: see docs/decisions/0014-rules-once.md.
/// </summary>
internal sealed class RedisScript
{
    private RedisScript(string name, params string[] before)
    {
        Name = name;
        Text = string.Concat(before.Prepend("arguments").Append(name).Select(Read));
#pragma warning disable CA5350 // A name that Redis prescribes, not a secret.
        Hash = SHA1.HashData(Encoding.UTF8.GetBytes(Text));
#pragma warning restore CA5350
    }

    public static RedisScript Load { get; } = new("load", "history", "session");

    public static RedisScript Commit { get; } = new("commit", "history", "session");

    public static RedisScript ReadLog { get; } = new("read", "history");

    public static RedisScript Transcript { get; } = new("transcript", "history");

    public static RedisScript Heads { get; } = new("heads");

    public static RedisScript Backlog { get; } = new("backlog");

    public static RedisScript Due { get; } = new("due");

    public static RedisScript Look { get; } = new("look");

    public static RedisScript Schedule { get; } = new("schedule");

    public static RedisScript List { get; } = new("list");

    public static RedisScript Newest { get; } = new("newest");

    public static RedisScript Swap { get; } = new("swap");

    public static RedisScript Spend { get; } = new("spend");

    public static RedisScript Upload { get; } = new("upload");

    public static RedisScript Complete { get; } = new("complete");

    public static RedisScript Remove { get; } = new("remove");

    public static RedisScript Publish { get; } = new("publish");

    public static RedisScript Published { get; } = new("published");

    public static RedisScript Check { get; } = new("check");

    public string Name { get; }

    public string Text { get; }

    /// <summary>
    /// The name under which a server that has the script knows it (EVALSHA). Asking by the text would hash all of it each time.
    /// </summary>
    public byte[] Hash { get; }

    private static string Read(string name)
    {
        using var stream = typeof(RedisScript).Assembly.GetManifestResourceStream(name + ".lua")
            ?? throw new InvalidOperationException($"The script {name}.lua is not in the assembly.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
