using System.Text.Json;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Owners;
using AgentStream.Messaging.Redis.Commands;
using AgentStream.Messaging.Redis.Connection;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace AgentStream.Messaging.Redis.Discovery;

/// <summary>
/// What Redis has of owners beside their sessions. Each key lies in a slot of its own; what a session says of itself is right.
/// </summary>
internal sealed partial class OwnerBook(RedisLink link, RedisKeys keys, TimeSpan retention, ILogger<OwnerBook> logger) : IOwnerBook
{
    private const int ReadAtOnce = 256;

    /// <summary>The time for which it is kept what a run has used: the day on which it ended, and the next.</summary>
    private static readonly TimeSpan SpendingHolds = TimeSpan.FromDays(2);

    /// <summary>Notes what a run has used; said again it counts once. Never fails: what can't be noted is not counted.</summary>
    public async Task SpendAsync(
        PrincipalId owner, RunId runId, Spending spending, DateTimeOffset at, CancellationToken cancellationToken)
    {
        try
        {
            await link.EvaluateAsync(
                RedisScript.Spend,
                [keys.Spent(owner, Spending.DayOf(at))],
                new ScriptArguments
                {
                    { "run", runId.Value },
                    { "spending", spending.ToString() },
                    { "lifetime", (long)SpendingHolds.TotalMilliseconds },
                },
                cancellationToken);
        }
        catch (StoreUnavailableException exception)
        {
            LogNotCounted(exception, runId);
        }
    }

    public async ValueTask<bool> HasSessionAsync(SessionId sessionId, CancellationToken cancellationToken)
        => await link.AskAsync(
            keys.Of(sessionId).Meta,
            database => database.KeyExistsAsync(keys.Of(sessionId).Meta, CommandFlags.DemandMaster), cancellationToken);

    public async ValueTask<long> CountSessionsAsync(PrincipalId owner, CancellationToken cancellationToken)
        => await link.AskAsync(
            keys.Owner(owner),
            database => database.SortedSetLengthAsync(keys.Owner(owner), flags: CommandFlags.DemandMaster),
            cancellationToken);

    public async ValueTask<long> MeasureSessionsAsync(PrincipalId owner, CancellationToken cancellationToken)
    {
        var sessions = await link.AskAsync(
            keys.Owner(owner),
            database => database.SortedSetRangeByRankAsync(keys.Owner(owner), flags: CommandFlags.DemandMaster),
            cancellationToken);
        var bytes = 0L;
        foreach (var some in sessions.Select(session => session.ToString()).Chunk(ReadAtOnce))
        {
            var sizes = await Task.WhenAll(some
                .Where(session => SessionId.TryParse(session, out _))
                .Select(session => link.GetFieldsAsync(keys.Of(SessionId.Parse(session)).Meta, ["bytes", "attached"], cancellationToken)));
            bytes += sizes.Sum(size => size.Number("bytes") + size.Number("attached"));
        }

        return bytes;
    }

    public async ValueTask<Spending> SpentAsync(PrincipalId owner, DateOnly day, CancellationToken cancellationToken)
    {
        var spent = await link.AskAsync(
            keys.Spent(owner, day),
            database => database.HashValuesAsync(keys.Spent(owner, day), CommandFlags.DemandMaster), cancellationToken);
        return spent.Select(one => Spending.Parse(one.ToString())).Aggregate(default(Spending), (sum, one) => sum + one);
    }

    public async ValueTask<OwnerRuns> RunsAsync(PrincipalId owner, CancellationToken cancellationToken)
    {
        var kept = await link.AskAsync(
            keys.RunsOf(owner), database => database.StringGetAsync(keys.RunsOf(owner), CommandFlags.DemandMaster), cancellationToken);
        var text = kept.ToString();
        return new OwnerRuns(
            text.Length == 0 ? [] : JsonSerializer.Deserialize(text, RedisJson.Stored.IReadOnlyListOwnedRun)!, text);
    }

    public async ValueTask<bool> TrySetRunsAsync(
        PrincipalId owner, OwnerRuns read, IReadOnlyList<OwnedRun> runs, CancellationToken cancellationToken)
    {
        var reply = await link.EvaluateAsync(
            RedisScript.Swap,
            [keys.RunsOf(owner)],
            new ScriptArguments
            {
                { "expect", read.Mark },
                { "value", JsonSerializer.Serialize(runs, RedisJson.Stored.IReadOnlyListOwnedRun) },
                { "lifetime", (long)retention.TotalMilliseconds },
            },
            cancellationToken);
        return reply.Text("status") == "swapped";
    }

    public async ValueTask<bool> IsOverAsync(OwnedRun run, CancellationToken cancellationToken)
    {
        var runs = await link.GetFieldsAsync(keys.Of(run.SessionId).Runs, [run.RunId.Value], cancellationToken);
        return runs.Bytes(run.RunId.Value) is not { } known
            || JsonSerializer.Deserialize(known, RedisJson.Stored.KnownRun)!.Finished;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "What run {RunId} has used could not be noted; it counts for no limit.")]
    private partial void LogNotCounted(Exception exception, RunId runId);
}
