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

    /// <summary>Channel. <c>w {session}</c>: there may be a run to claim. <c>c {session} {run}</c>: that run shall stop.</summary>
    public string Signals { get; } = prefix + "signals";

    /// <summary>The keys of one session.</summary>
    public SessionKeys Of(SessionId sessionId) => new(prefix, sessionId);

    /// <summary>
    /// Sorted set, session → when it changed last: the list of one owner's sessions. An index: it may name expired sessions.
    /// </summary>
    public RedisKey Owner(PrincipalId owner) => $"{prefix}owner:{owner}";

    /// <summary>Channel on which a process hears its own probe.</summary>
    public string Probe(string instance) => $"{prefix}probe:{instance}";

    /// <summary>All sessions that have a run which is not over, for the sweep.</summary>
    public string RequestsPattern => $"{Escape(prefix)}{{*}}:requests";

    /// <summary>The session that a key belongs to.</summary>
    public static SessionId? SessionOf(string key)
    {
        var start = key.IndexOf('{', StringComparison.Ordinal) + 1;
        var end = key.IndexOf('}', start);
        return start > 0 && end > start && SessionId.TryParse(key[start..end], out var sessionId) ? sessionId : null;
    }

    private static string Escape(string text) => text.Replace("\\", @"\\").Replace("*", @"\*").Replace("?", @"\?").Replace("[", @"\[");
}

/// <summary>The names of one session, all in one slot, all expiring at the same moment (but for <c>gone</c>).</summary>
internal sealed class SessionKeys
{
    private readonly string _tag;

    public SessionKeys(string prefix, SessionId sessionId)
    {
        _tag = $"{prefix}{{{sessionId}}}:";
        SessionId = sessionId;

        // The order is that of common.lua: an append has the first five, everything else all.
        All = [Meta, Log, Key("runs"), Key("checkpoints"), Key("unsettled"), Key(
            "messages"), Key("waiting"), Key("requests"), Key("turns"), Key("turn-data"), Key("cuts"), Base, Key("approvals"), Key("gone")];
        Append = All[..5];
    }

    public SessionId SessionId { get; }

    /// <summary>
    /// Hash.
    /// Of the session: <c>epoch</c>, <c>seq</c> (last offset), <c>trimmed</c> (through which offset), <c>owner</c>, <c>title</c>,
    /// <c>created</c>, <c>updated</c>, <c>indexed</c> (when the owner's list was told last), <c>messages</c> and <c>unfinished</c>
    /// (counts), <c>turn_bytes</c>, <c>token</c> (newest), <c>expires</c> (milliseconds), <c>history</c> (in which the epoch began,
    /// see <c>history.lua</c>), <c>former</c> (<c>epoch last_offset</c> of the epochs before, the oldest first),
    /// <c>claimed_in</c> (epoch of the newest claim).
    /// Of the run under way: <c>run</c>, <c>worker</c>, <c>lease</c> (its end), <c>claims</c>, <c>releases</c>, <c>first_started</c>,
    /// <c>parked_for</c> (how long in all, microseconds), <c>writer</c> (<c>run token sequence last_offset flags</c>:
    /// what each append changes, in place of the same in <c>runs</c>), <c>step</c> (whose delta came last);
    /// while it is parked <c>parked</c> (since when) and <c>if_cancelled</c> (JSON of the data of its
    /// <c>run_finished</c> if it is cancelled).
    /// </summary>
    public RedisKey Meta => Key("meta");

    /// <summary>Stream. Entry <c>N-0</c> is offset N; field <c>f</c> has the frame as clients get it.</summary>
    public RedisKey Log => Key("log");

    /// <summary>String. JSON of the transcript through <c>trimmed</c> (<see cref="Transcript.TranscriptState"/>).</summary>
    public RedisKey Base => Key("base");

    /// <summary>
    /// In the order of <c>common.lua</c>.
    /// Besides the three above: <c>runs</c>, hash, run → <c>seq token sequence last_offset message_bytes flags</c> (r: replaced, f:
    /// finished, c: cancel requested, p: parked); <c>checkpoints</c>, list, of the run under way;
    /// <c>unsettled</c>, hash, step → <c>first_offset open|finished</c> where no checkpoint covers it;
    /// <c>messages</c>, hash, message id → <c>fingerprint run</c>; <c>waiting</c>, list of runs, the next first;
    /// <c>requests</c>, hash, run that is not over → JSON of its <see cref="Queue.RunRequest"/>;
    /// <c>turns</c>, list of <c>run bytes</c>, and <c>turn-data</c>, hash, run → request and checkpoints, each preceded by its length
    /// (4 bytes, big endian): the conversation; <c>cuts</c>, list of <c>offset time</c> at which the log may be cut;
    /// <c>approvals</c>, hash, tool call that the run under way asked about → <c>p offset expires arguments</c> while it is open,
    /// <c>r offset data</c> once it is resolved (JSON of arguments and of the data of its <c>tool_approval_resolved</c>;
    /// the offset is that of the question); <c>gone</c>, string, the epoch of an erased session, for a minute.
    /// </summary>
    public RedisKey[] All { get; }

    /// <summary>The keys that an append needs which does not end its run.</summary>
    public RedisKey[] Append { get; }

    /// <summary>
    /// Channel.
    /// <c>E {epoch} {first} {last}\n</c> and the frames of those offsets, each preceded by its length (4 bytes, big endian),
    /// or no frames where they would be more than 1 MiB; <c>R\n</c>: the session was erased or has a new epoch.
    /// </summary>
    public string Live => _tag + "live";

    private RedisKey Key(string name) => _tag + name;
}
