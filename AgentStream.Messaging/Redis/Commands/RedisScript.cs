namespace AgentStream.Messaging.Redis.Commands;

/// <summary>
/// The scripts, each an embedded file under <c>Scripts/</c>. All that an operation does to a session it does in one of them.
/// </summary>
internal sealed class RedisScript
{
    private const string Common = "common";
    private const string History = "history";

    private RedisScript(string name, bool writesToSession, bool readsSession = false)
    {
        Name = name;
        Text = (writesToSession ? Read(History) + Read(Common) : readsSession ? Read(History) : "") + Read(name);
    }

    public static RedisScript Enqueue { get; } = new("enqueue", true);

    public static RedisScript Find { get; } = new("find", true);

    public static RedisScript Claim { get; } = new("claim", true);

    public static RedisScript Append { get; } = new("append", true);

    public static RedisScript Renew { get; } = new("renew", true);

    public static RedisScript Release { get; } = new("release", true);

    public static RedisScript Cancel { get; } = new("cancel", true);

    public static RedisScript Answer { get; } = new("answer", true);

    public static RedisScript Expire { get; } = new("expire", true);

    public static RedisScript Rename { get; } = new("rename", true);

    public static RedisScript Erase { get; } = new("erase", true);

    public static RedisScript Reborn { get; } = new("reborn", true);

    public static RedisScript Cut { get; } = new("cut", true);

    public static RedisScript Trim { get; } = new("trim", true);

    public static RedisScript ReadLog { get; } = new("read", false, readsSession: true);

    public static RedisScript Transcript { get; } = new("transcript", false, readsSession: true);

    public static RedisScript Heads { get; } = new("heads", false);

    public static RedisScript Backlog { get; } = new("backlog", false);

    public static RedisScript Due { get; } = new("due", false);

    public static RedisScript Look { get; } = new("look", false);

    public static RedisScript Schedule { get; } = new("schedule", false);

    public static RedisScript List { get; } = new("list", false);

    public static RedisScript Newest { get; } = new("newest", false);

    public static RedisScript Publish { get; } = new("publish", false);

    public static RedisScript Published { get; } = new("published", false);

    public string Name { get; }

    public string Text { get; }

    private static string Read(string name)
    {
        using var stream = typeof(RedisScript).Assembly.GetManifestResourceStream(name + ".lua")
            ?? throw new InvalidOperationException($"The script {name}.lua is not in the assembly.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
