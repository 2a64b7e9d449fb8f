using System.Collections.Concurrent;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Queue;

namespace AgentStream.Messaging.Owners;

/// <summary>
/// Holds owners to their limits when a message comes: the only moment at which anything is looked at. Where nothing is limited it
/// asks nothing.
/// </summary>
/// <remarks>
/// A place among an owner's runs is taken before the run is put into its session, and given back by nobody: when there seem to be none
/// left, the sessions are asked which runs are over. So the end of a run costs nothing, and whoever dies in between leaves nothing behind
/// that would not be noticed. See docs/decisions/0018-limits.md.
/// </remarks>
internal sealed class OwnerGate(IOwnerBook book, MessagingOptions limits, TimeProvider time)
{
    /// <summary>An owner whose list changes more often than this between reading and writing is reported as an error.</summary>
    private const int MaxTries = 50;

    /// <summary>The number of owners whose size is remembered.</summary>
    private const int MaxSizes = 10_000;

    /// <summary>The time after which nobody is still putting a run into its session: whoever took its place has died.</summary>
    private static readonly TimeSpan LongestUndecided = TimeSpan.FromMinutes(1);

    /// <summary>The time for which a size holds: adding up many sessions is not for every message.</summary>
    private static readonly TimeSpan SizeHolds = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<PrincipalId, (long AsOf, long Bytes)> _sizes = new();

    /// <summary>Puts a run into its session, if its owner may have one more.</summary>
    /// <param name="request">The message.</param>
    /// <param name="queue">The home, without limits of owners.</param>
    /// <param name="enqueue">Puts it there.</param>
    /// <param name="cancellationToken">Cancels the asking.</param>
    public async ValueTask<EnqueueResult> EnqueueAsync(
        RunRequest request,
        IRunQueue queue,
        Func<RunRequest, CancellationToken, ValueTask<EnqueueResult>> enqueue,
        CancellationToken cancellationToken)
    {
        var counts = OwnerRules.CountRuns(limits);
        var refused = await RefuseAsync(request, cancellationToken)
            ?? (counts ? await TakePlaceAsync(request, cancellationToken) : null);
        if (refused is { } reason)
        {
            // A message that was taken stays taken, whatever its owner has used up meanwhile.
            return await queue.FindAsync(request, cancellationToken) ?? new EnqueueResult(reason, default, default);
        }

        var result = await enqueue(request, cancellationToken);
        if (counts)
        {
            await SettleAsync(request, result.Status == EnqueueStatus.Accepted);
        }

        return result;
    }

    /// <summary>Whether an owner's sessions are as large as they may be.</summary>
    public async ValueTask<bool> IsFullAsync(PrincipalId owner, CancellationToken cancellationToken)
        => limits.MaxBytesPerOwner > 0 && await SizeAsync(owner, cancellationToken) >= limits.MaxBytesPerOwner;

    private async ValueTask<EnqueueStatus?> RefuseAsync(RunRequest request, CancellationToken cancellationToken)
    {
        var owner = request.Owner;
        if ((limits.MaxTokensPerDay > 0 || limits.MaxMoneyPerDay > 0)
            && OwnerRules.IsSpent(await book.SpentAsync(owner, Spending.DayOf(time.GetUtcNow()), cancellationToken), limits))
        {
            return EnqueueStatus.DaySpent;
        }

        if (await IsFullAsync(owner, cancellationToken))
        {
            return EnqueueStatus.TooManyBytes;
        }

        return limits.MaxSessionsPerOwner > 0
            && !await book.HasSessionAsync(request.SessionId, cancellationToken)
            && await book.CountSessionsAsync(owner, cancellationToken) >= limits.MaxSessionsPerOwner
            ? EnqueueStatus.TooManySessions
            : null;
    }

    private async ValueTask<long> SizeAsync(PrincipalId owner, CancellationToken cancellationToken)
    {
        if (_sizes.TryGetValue(owner, out var known) && time.GetElapsedTime(known.AsOf) < SizeHolds)
        {
            return known.Bytes;
        }

        if (_sizes.Count >= MaxSizes)
        {
            _sizes.Clear();
        }

        var asOf = time.GetTimestamp();
        var bytes = await book.MeasureSessionsAsync(owner, cancellationToken);
        _sizes[owner] = (asOf, bytes);
        return bytes;
    }

    private async ValueTask<EnqueueStatus?> TakePlaceAsync(RunRequest request, CancellationToken cancellationToken)
    {
        for (var attempt = 1; attempt <= MaxTries; attempt++)
        {
            var read = await book.RunsAsync(request.Owner, cancellationToken);
            var runs = OwnerRules.MayBeFull(read.Runs, limits) ? await UnfinishedAsync(read.Runs, cancellationToken) : read.Runs;
            if (OwnerRules.Refuse(runs, request.SessionId, limits) is { } reason)
            {
                return reason;
            }

            var place = new OwnedRun(request.RunId, request.SessionId, time.GetUtcNow() + LongestUndecided);
            if (await book.TrySetRunsAsync(request.Owner, read, [.. runs, place], cancellationToken))
            {
                return null;
            }
        }

        throw new StoreUnavailableException($"The runs of an owner change too fast (session {request.SessionId}).");
    }

    private async ValueTask<IReadOnlyList<OwnedRun>> UnfinishedAsync(IReadOnlyList<OwnedRun> runs, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var areOver = await Task.WhenAll(runs.Select(
            async run => !(run.UndecidedUntil > now) && await book.IsOverAsync(run, cancellationToken)));
        return [.. runs.Where((_, index) => !areOver[index])];
    }

    /// <summary>Says what became of a place. Never fails: what is not said is noticed when its time is over.</summary>
    private async ValueTask SettleAsync(RunRequest request, bool isTaken)
    {
        try
        {
            for (var attempt = 1; attempt <= MaxTries; attempt++)
            {
                // Not to be cancelled: the message has its answer already.
                var read = await book.RunsAsync(request.Owner, CancellationToken.None);
                var others = read.Runs.Where(run => run.RunId != request.RunId);
                IReadOnlyList<OwnedRun> runs =
                    isTaken ? [.. others, new OwnedRun(request.RunId, request.SessionId)] : [.. others];
                if (await book.TrySetRunsAsync(request.Owner, read, runs, CancellationToken.None))
                {
                    return;
                }
            }
        }
        catch (StoreUnavailableException)
        {
            // The place counts for as long as it may be undecided, and then its session is asked.
        }
    }
}
