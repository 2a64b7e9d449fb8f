using System.Globalization;
using StackExchange.Redis;

namespace AgentStream.Messaging.Redis.Commands;

/// <summary>Every name that this store uses in Redis, and what is there. See docs/redis.md for costs.</summary>
/// <remarks>
/// The keys of a session carry its id as their hash tag (<c>agentstream:{id}:log</c>),
/// so that a cluster keeps them in one slot and one script can change them all.
/// Times are microseconds since 1970 unless said otherwise; offsets and counters are decimal text.
/// </remarks>
internal sealed class RedisKeys(string prefix)
{
    /// <summary>
    /// Sorted set, session → when to look whether it has a run to claim.
    /// A hint: put there before each enqueue with the seconds since 1970 as its score, far below any time in microseconds ("at once",
    /// in the order of the hints), moved to the end of the lease by who claims, taken out after two misses
    /// (the first marks it with a half microsecond).
    /// </summary>
    public RedisKey Work { get; } = prefix + "work";

    /// <summary>Sorted set, session → when a part of its log leaves the replay window. A hint, as <see cref="Work"/>.</summary>
    public RedisKey Trims { get; } = prefix + "trims";

    /// <summary>Sorted set, session → when the first open question of its parked run expires. A hint, as <see cref="Work"/>.</summary>
    public RedisKey Expiries { get; } = prefix + "expiries";

    /// <summary>
    /// Hash: <c>id</c>, random, one life of this database; <c>erased:{0..1023}</c>, how many sessions of a bucket were erased.
    /// The epochs of sessions that nobody wrote to are made from both, so that all processes give them the same name.
    /// </summary>
    public RedisKey Store { get; } = prefix + "store";

    /// <summary>
    /// Sorted set, <c>{worker} {JSON of its agents}</c> → until when that holds: what <c>GET /api/agents</c> tells.
    /// Expires with the last of them.
    /// </summary>
    public RedisKey Agents { get; } = prefix + "agents";

    /// <summary>Sorted set, session → when it was erased, for <see cref="Log.IErasures.Remembered"/>.</summary>
    public RedisKey Erased { get; } = prefix + "erased";

    /// <summary>Never there but within <c>check.lua</c>.</summary>
    public RedisKey Check { get; } = prefix + "check";

    /// <summary>
    /// Channel. <c>w {session}</c>: there may be a run to claim. <c>c {session} {run}</c>: that run shall stop.
    /// <c>e {session} {epoch}</c>: the session was erased.
    /// </summary>
    public string Signals { get; } = prefix + "signals";

    /// <summary>The keys of one session.</summary>
    public SessionKeys Of(SessionId sessionId) => new(prefix, sessionId, Signals);

    /// <summary>
    /// Sorted set, session → when it changed last: the list of one owner's sessions. An index: it may name expired sessions.
    /// </summary>
    public RedisKey Owner(PrincipalId owner) => $"{prefix}owner:{owner}";

    /// <summary>
    /// String. JSON of an owner's runs that are not over, as far as anybody has noticed (<see cref="Owners.OwnedRun"/>).
    /// Only where they are limited.
    /// </summary>
    public RedisKey RunsOf(PrincipalId owner) => $"{prefix}runs:{owner}";

    /// <summary>
    /// Hash, run → what it has used (<see cref="Owners.Spending"/>): an owner's runs that ended on a day (UTC). For two days.
    /// </summary>
    public RedisKey Spent(PrincipalId owner, DateOnly day)
        => $"{prefix}spent:{day.ToString("yyyyMMdd", CultureInfo.InvariantCulture)}:{owner}";

    /// <summary>Channel on which a process hears its own probe.</summary>
    public string Probe(string instance) => $"{prefix}probe:{instance}";

    /// <summary>All sessions that have a run which is not over, for the sweep.</summary>
    public string UnfinishedPattern => $"{Escape(prefix)}{{*}}:unfinished";

    /// <summary>The session that a key belongs to.</summary>
    public static SessionId? SessionOf(string key)
    {
        var start = key.IndexOf('{', StringComparison.Ordinal) + 1;
        var end = key.IndexOf('}', start);
        return start > 0 && end > start && SessionId.TryParse(key[start..end], out var sessionId) ? sessionId : null;
    }

    private static string Escape(string text) => text.Replace("\\", @"\\").Replace("*", @"\*").Replace("?", @"\?").Replace("[", @"\[");
}

/// <summary>The names of one session, all in one slot, all expiring at the same moment (but for <c>gone</c> and <c>uploads</c>).</summary>
internal sealed class SessionKeys
{
    /// <summary>What the names end with, but for <c>gone</c> and <c>uploads</c>.</summary>
    public static readonly string[] Lasting = ["meta", "log", "runs", "base", "messages", "records", "unfinished", "attachments"];

    private readonly string _tag;

    public SessionKeys(string prefix, SessionId sessionId, string signals)
    {
        _tag = $"{prefix}{{{sessionId}}}:";
        (SessionId, Signals) = (sessionId, signals);
        All = [.. Lasting.Select(Key), Key("gone"), Uploads];
        Append = All[..3];
    }

    public SessionId SessionId { get; }

    /// <summary>The channel of all sessions; see <see cref="RedisKeys.Signals"/>.</summary>
    public string Signals { get; }

    /// <summary>
    /// Hash.
    /// What is decided about: <c>version</c> (another with each write), <c>state</c> (JSON of <see cref="Session.LedgerState"/>),
    /// and beside it what changes more often: <c>seq</c> (last offset), <c>progress</c> (JSON of <see cref="Session.RunProgress"/>),
    /// <c>lease</c> (its end).
    /// What readers ask for: <c>epoch</c>, <c>former</c> (JSON), <c>trimmed</c> (through which offset), <c>owner</c>, <c>title</c>,
    /// <c>created</c>, <c>updated</c>, <c>messages</c> and <c>unfinished</c> (counts), <c>bytes</c> (of all entries but deltas),
    /// <c>attached</c> (bytes of all that stands in <c>attachments</c>),
    /// <c>activity</c> (the number of its <see cref="Log.SessionActivity"/>), <c>worker</c>, <c>parked</c> (while the run under way is).
    /// <c>expires</c> (milliseconds): when all keys end.
    /// </summary>
    public RedisKey Meta => Key("meta");

    /// <summary>Stream. Entry <c>N-0</c> is offset N; field <c>f</c> has the frame as clients get it.</summary>
    public RedisKey Log => Key("log");

    /// <summary>Hash, run → JSON of its <see cref="Session.KnownRun"/> as of when it was queued, or ended.</summary>
    public RedisKey Runs => Key("runs");

    /// <summary>String. JSON of the transcript through <c>trimmed</c> (<see cref="Transcript.TranscriptState"/>).</summary>
    public RedisKey Base => Key("base");

    /// <summary>
    /// Hash: run → JSON of its <see cref="Queue.RunRequest"/> and <c>run/number</c> → checkpoint, of the runs that are not over
    /// and of those that are turns of the conversation.
    /// </summary>
    public RedisKey Records => Key("records");

    /// <summary>
    /// Hash of attachments that messages have named: id → JSON of its <see cref="AgentStream.Messaging.Attachments.ShelvedAttachment"/>,
    /// and <c>id/number</c> → a part of its bytes.
    /// </summary>
    public RedisKey Attachments => Key("attachments");

    /// <summary>
    /// Hash of those that no message has named, in the same form; beside them <c>id/size</c>, and <c>bytes</c>, the sum of these.
    /// Expires some time after the last was added, and may be there before the session.
    /// </summary>
    public RedisKey Uploads => Key("uploads");

    /// <summary>
    /// Besides those above: <c>messages</c>, hash, message id → run; <c>unfinished</c>, string, there while a run is not over;
    /// <c>gone</c>, string, the epoch of an erased session, for a minute.
    /// </summary>
    public RedisKey[] All { get; }

    /// <summary>The keys that an append needs which keeps nothing but entries.</summary>
    public RedisKey[] Append { get; }

    /// <summary>
    /// Channel.
    /// <c>E {epoch} {first} {last}\n</c> and the frames of those offsets, each preceded by its length (4 bytes, big endian),
    /// or no frames where they would be more than 1 MiB; <c>R\n</c>: the session was erased or has a new epoch.
    /// </summary>
    public string Live => _tag + "live";

    private RedisKey Key(string name) => _tag + name;
}
