using System.Diagnostics;
using System.Text.Json;
using AgentStream.Messaging.Redis.Commands;
using AgentStream.Messaging.Redis.Reading;
using AgentStream.Messaging.Session;

namespace AgentStream.Messaging.Redis.Sessions;

/// <summary>A session as it was read, or written, last: what decisions are made about.</summary>
internal sealed record StoredSession
{
    private readonly long _readAt = Stopwatch.GetTimestamp();

    public required SessionKeys Keys { get; init; }

    /// <summary>The mark of its last write; empty where there is no such session. Each write makes a new one.</summary>
    public string Version { get; init; } = "";

    /// <summary><c>null</c>: there is no such session.</summary>
    public LedgerState? State { get; init; }

    public string? Title { get; init; }

    /// <summary>The number of its messages.</summary>
    public long Messages { get; init; }

    /// <summary>The size of its entries, those not counted that fold into others: deltas.</summary>
    public long Bytes { get; init; }

    /// <summary>When it changed last, as its owner's list was told.</summary>
    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>The end of the newest claim's lease.</summary>
    public DateTimeOffset LeaseEnd { get; init; }

    /// <summary>When its keys end.</summary>
    public DateTimeOffset Expires { get; init; }

    /// <summary>The history of the data on its server, see <c>history.lua</c>; empty where that does not tell.</summary>
    public string History { get; init; } = "";

    /// <summary>The epoch of the session of this id that was erased within the last minute.</summary>
    public string? Gone { get; init; }

    /// <summary>What is known of the runs that a message named.</summary>
    public NamedRuns Named { get; init; }

    /// <summary>The time of the server when it was read.</summary>
    public required DateTimeOffset ServerTime { private get; init; }

    /// <summary>
    /// The time of the server now, which is one for all processes. By it keys expire, and leases where no test brings a clock.
    /// </summary>
    public DateTimeOffset ServerNow => ServerTime + Stopwatch.GetElapsedTime(_readAt);

    /// <exception cref="SessionUnreadableException">This version can't read it.</exception>
    public static StoredSession Read(SessionKeys keys, ScriptReply reply)
    {
        var meta = reply.Map("meta");
        try
        {
            var known = ToKnown(reply.Bytes("of_run"));
            return new StoredSession
            {
                Keys = keys,
                Version = meta.Text("version") ?? "",
                State = ToState(meta),
                Title = meta.Text("title"),
                Messages = meta.Number("messages"),
                Bytes = meta.Number("bytes"),
                UpdatedAt = ScriptArguments.ToTime(meta.Number("updated")),
                LeaseEnd = ScriptArguments.ToTime(meta.Number("lease")),
                Expires = DateTimeOffset.FromUnixTimeMilliseconds(meta.Number("expires")),
                History = reply.Text("history") ?? "",
                Gone = reply.Text("gone"),
                Named = new NamedRuns(ToKnown(reply.Bytes("of_message")), known, ToKnown(reply.Bytes("replaced"))),
                ServerTime = ScriptArguments.ToTime(reply.Number("clock")),
            };
        }
        catch (Exception exception) when (SessionUnreadableException.IsMeant(exception))
        {
            throw new SessionUnreadableException(keys.SessionId, exception);
        }
    }

    /// <summary>The same session after a write, as of which there is nothing to look up.</summary>
    public StoredSession After(string version, LedgerState state) => this with { Version = version, State = state, Named = default };

    private static KnownRun? ToKnown(byte[]? json)
        => json is null ? null : JsonSerializer.Deserialize(json, RedisJson.Stored.KnownRun);

    private static LedgerState? ToState(ScriptReply meta)
    {
        if (!meta.Has("epoch"))
        {
            return null;
        }

        var state = meta.Bytes("state") ?? throw new InvalidDataException("An older version wrote it.");
        return JsonSerializer.Deserialize(state, RedisJson.Stored.LedgerState)! with
        {
            LastSeq = new Offset(meta.Number("seq")),
            Progress = JsonSerializer.Deserialize(meta.Bytes("progress")!, RedisJson.Stored.RunProgress)!,
        };
    }
}
