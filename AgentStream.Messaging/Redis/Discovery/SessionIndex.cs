using System.Globalization;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Redis.Commands;
using AgentStream.Messaging.Redis.Connection;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace AgentStream.Messaging.Redis.Discovery;

/// <summary>A sorted set of sessions by when to look at them. A hint only: the session's own slot knows what there is to do.</summary>
/// <remarks>
/// It lies in another slot than the sessions, so that no script changes both.
/// A session is put in before the change that makes it worth a look, and taken out only after two misses:
/// one that comes between hint and change must not lose it.
/// </remarks>
internal sealed partial class SessionIndex(
    RedisLink link, RedisKey key, TimeProvider timeProvider, ILogger<SessionIndex> logger)
{
    private static readonly long SecondLook = ScriptArguments.ToMicroseconds(TimeSpan.FromSeconds(20));
    private long _lastHint;

    /// <summary>A session that is due, with the score under which it was found.</summary>
    public readonly record struct Due(SessionId SessionId, string Score);

    /// <summary>Asks for a look at once. Never fails: the sweep finds what is missing here.</summary>
    public async Task HintAsync(SessionId sessionId, CancellationToken cancellationToken)
    {
        // Seconds, where other scores are microseconds: due at once, in the order of the hints,
        // and different from what anybody has read before.
        var score = NextHint() / 1e6;
        await TryAsync(sessionId, () => link.AddAsync(key, sessionId.Value, score, cancellationToken));
    }

    /// <summary>Sees to it that there will be a look, at <paramref name="at"/> or before. Never fails.</summary>
    public async Task ScheduleAsync(SessionId sessionId, DateTimeOffset at, CancellationToken cancellationToken)
        => await TryAsync(sessionId, () =>
            link.EvaluateAsync(
                RedisScript.Schedule,
                [key],
                new ScriptArguments { { "session", sessionId.Value }, { "at", ScriptArguments.ToMicroseconds(at) } },
                cancellationToken));

    /// <summary>Puts the next look at a time of the store's clock, in microseconds. Never fails.</summary>
    public async Task MoveAsync(SessionId sessionId, long at, CancellationToken cancellationToken)
        => await TryAsync(sessionId, () => link.AddAsync(key, sessionId.Value, at, cancellationToken));

    /// <summary>The first that are due. With <paramref name="putOff"/> nobody else gets them for so long.</summary>
    /// <returns>Them, and the store's time in microseconds where there are any.</returns>
    public async Task<(IReadOnlyList<Due> Sessions, long Now)> FindDueAsync(int limit, TimeSpan putOff, CancellationToken cancellationToken)
    {
        var arguments = new ScriptArguments { { "limit", limit }, { "put_off", ScriptArguments.ToMicroseconds(putOff) } };
        var answer = await link.EvaluateAsync(RedisScript.Due, [key], arguments.AddNow(timeProvider), cancellationToken);
        var due = new List<Due>();
        foreach (var (session, score) in answer.Pairs("due"))
        {
            if (SessionId.TryParse(session, out var sessionId))
            {
                due.Add(new Due(sessionId, score));
            }
        }

        return (due, answer.Number("now"));
    }

    /// <summary>Counts the sessions that are due, and says for how long the first of them has been.</summary>
    public async Task<(long Sessions, TimeSpan Oldest)> BacklogAsync(CancellationToken cancellationToken)
    {
        var answer = await link.EvaluateAsync(RedisScript.Backlog, [key], new ScriptArguments().AddNow(timeProvider), cancellationToken);
        return (answer.Number("sessions"), TimeSpan.FromMicroseconds(answer.Number("oldest")));
    }

    /// <summary>The sessions that come first, due or not.</summary>
    public Task<IReadOnlyList<SessionId>> FirstAsync(int limit, CancellationToken cancellationToken)
        => RangeAsync(limit - 1, cancellationToken);

    /// <summary>All of them, due or not.</summary>
    public Task<IReadOnlyList<SessionId>> AllAsync(CancellationToken cancellationToken) => RangeAsync(-1, cancellationToken);

    /// <summary>Puts the next look off, unless somebody hinted meanwhile.</summary>
    public Task PutOffAsync(Due due, long at, CancellationToken cancellationToken)
        => LookAsync(due, at.ToString(CultureInfo.InvariantCulture), cancellationToken);

    /// <summary>Notes a miss: after the first there is another look, after the second none.</summary>
    public Task NoteVainAsync(Due due, long now, CancellationToken cancellationToken)
        => LookAsync(due, due.Score.EndsWith(".5", StringComparison.Ordinal)
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"{now + SecondLook}.5"), cancellationToken);

    private async Task<IReadOnlyList<SessionId>> RangeAsync(int last, CancellationToken cancellationToken)
    {
        var members = await link.AskAsync(
            key,
            database => database.SortedSetRangeByRankAsync(key, 0, last, Order.Ascending, CommandFlags.DemandMaster),
            cancellationToken);
        return [.. members.Select(member => member.ToString())
            .Where(member => SessionId.TryParse(member, out _)).Select(member => SessionId.Parse(member))];
    }

    private long NextHint()
    {
        while (true)
        {
            var last = Interlocked.Read(ref _lastHint);
            var next = Math.Max(last + 1, ScriptArguments.ToMicroseconds(timeProvider.GetUtcNow()));
            if (Interlocked.CompareExchange(ref _lastHint, next, last) == last)
            {
                return next;
            }
        }
    }

    private async Task LookAsync(Due due, string? at, CancellationToken cancellationToken)
    {
        var arguments = new ScriptArguments { { "session", due.SessionId.Value }, { "score", due.Score } };
        if (at is not null)
        {
            arguments.Add("at", at);
        }

        await link.EvaluateAsync(RedisScript.Look, [key], arguments, cancellationToken);
    }

    private async Task TryAsync(SessionId sessionId, Func<Task> change)
    {
        try
        {
            await change();
        }
        catch (StoreUnavailableException exception)
        {
            LogNotIndexed(exception, sessionId);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Session {SessionId} could not be put into an index; it is found later.")]
    private partial void LogNotIndexed(Exception exception, SessionId sessionId);
}
