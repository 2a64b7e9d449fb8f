using System.Text.Json;
using AgentStream.Messaging.Json;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Queue;
using AgentStream.Messaging.Redis.Commands;
using AgentStream.Messaging.Redis.Reading;
using AgentStream.Messaging.Redis.Sessions;
using AgentStream.Messaging.Session;
using Microsoft.Extensions.Logging;

namespace AgentStream.Messaging.Redis;

/// <content>How a worker comes by a run.</content>
internal sealed partial class RedisSessionStore
{
    private const int CandidatesAtOnce = 16;

    /// <summary>For how long only what was announced waits after a look that found nothing; idle workers look every two seconds.</summary>
    private static readonly TimeSpan TrustEmptyIndex = TimeSpan.FromSeconds(3);

    private long _indexEmptyAt;
    private Task _moving = Task.CompletedTask;

    /// <summary>The time for which to leave a session alone that this version can't read.</summary>
    private static readonly TimeSpan UnreadableFor = TimeSpan.FromSeconds(20);

    /// <inheritdoc />
    public async ValueTask<RunClaim?> ClaimAsync(string worker, CancellationToken cancellationToken = default)
    {
        ThrowIfClosed();
        ArgumentException.ThrowIfNullOrWhiteSpace(worker);
        cancellationToken.ThrowIfCancellationRequested();
        await Interlocked.Exchange(ref _moving, Task.CompletedTask);

        // The index has those that wait longest in front, and before them the runs whose workers are gone.
        // Announcements alone would leave these to the day when nobody writes anything.
        // But where it had nothing a moment ago, what was announced since is what waits, and a look would be a round trip for nothing.
        if ((IsIndexEmpty || IsIndexAway) && await ClaimAnnouncedAsync(worker) is { } announced)
        {
            return announced;
        }

        try
        {
            if (await ClaimDueAsync(worker, cancellationToken) is { } due)
            {
                return due;
            }
        }
        catch (StoreUnavailableException)
        {
            // On a cluster the index may be away, and sessions elsewhere are not: what was announced is found without it.
            if (await ClaimAnnouncedAsync(worker) is { } heard)
            {
                return heard;
            }

            throw;
        }

        Volatile.Write(ref _indexEmptyAt, _timeProvider.GetTimestamp());
        return await ClaimAnnouncedAsync(worker);
    }

    /// <summary>Whether the last look into the index found nothing to claim, and is not long ago.</summary>
    private bool IsIndexEmpty
        => Volatile.Read(ref _indexEmptyAt) is not 0 and var at && _timeProvider.GetElapsedTime(at) < TrustEmptyIndex;

    /// <summary>Whether the index is on a node that was not there when it was asked last.</summary>
    private bool IsIndexAway => !_trouble.IsCalm && _trouble.IsAway(_link.SlotOf(_keys.Work));

    /// <summary>The first run that can be claimed of those that were announced.</summary>
    private async Task<RunClaim?> ClaimAnnouncedAsync(string worker)
    {
        while (_signals.TakeAnnounced() is { } sessionId)
        {
            if ((await ClaimAsync(sessionId, worker)).Claim is { } claim)
            {
                return claim;
            }
        }

        return null;
    }

    /// <summary>The first run that can be claimed of those that the index knows of.</summary>
    private async Task<RunClaim?> ClaimDueAsync(string worker, CancellationToken cancellationToken)
    {
        while (true)
        {
            var (due, now) = await _work.FindDueAsync(CandidatesAtOnce, TimeSpan.Zero, cancellationToken);
            foreach (var candidate in due)
            {
                var (claim, lookAgain) = await ClaimAsync(candidate.SessionId, worker);
                if (claim is not null)
                {
                    Volatile.Write(ref _indexEmptyAt, 0);
                    return claim;
                }

                await (lookAgain is { } at
                    ? _work.PutOffAsync(candidate, ScriptArguments.ToMicroseconds(at), cancellationToken)
                    : _work.NoteVainAsync(candidate, now, cancellationToken));
            }

            if (due.Count < CandidatesAtOnce)
            {
                return null;
            }
        }
    }

    /// <returns>The claim, or when the lease ends that somebody else has; neither where there is nothing to claim.</returns>
    private async Task<(RunClaim? Claim, DateTimeOffset? LookAgain)> ClaimAsync(SessionId sessionId, string worker)
    {
        _signals.Forget(sessionId);
        try
        {
            // Not to be cancelled: a claim that stands but that nobody was told of would wait for its lease to run out.
            var decided = await _desk.DecideAsync(
                sessionId,
                new SessionCommand<DateTimeOffset?> { Name = "claim", Decide = (stored, now) => Claim(stored, worker, now) },
                CancellationToken.None);
            if (decided.Reply is { } reply)
            {
                return await DescribeAsync(decided.Stored, reply);
            }

            if (decided.Stored.State?.NextExpiry is { } expiry)
            {
                // Found by the sweep, maybe, after the index had lost data: then the other has, too.
                await _expiries.ScheduleAsync(sessionId, expiry, CancellationToken.None);
            }

            return (null, decided.Answer);
        }
        catch (SessionUnreadableException exception)
        {
            LogUnreadable(exception, sessionId);
            return (null, await LookAgainAsync(sessionId));
        }
    }

    /// <returns>When the lease ends that somebody else has, and the claim, where there is one to make.</returns>
    private (DateTimeOffset? FreeAt, SessionChange? Change) Claim(StoredSession stored, string worker, DateTimeOffset now)
    {
        if (stored.State is not { } state || state.Started is { IsWaiting: true })
        {
            return (null, null);
        }

        if (!state.IsReady && state.Started is not null)
        {
            // Who has just found Redis away brings patience: nobody could renew meanwhile, and whoever has the run gets the time to.
            var left = _trouble.IsCalm ? TimeSpan.Zero : _trouble.PatienceFor(_link.SlotOf(stored.Keys.Meta));
            var patience = left > TimeSpan.Zero ? now + left : default;
            var free = stored.LeaseEnd > patience ? stored.LeaseEnd : patience;
            if (free > now)
            {
                return (free, null);
            }
        }

        return SessionRules.Claim(state, worker, now) is { } record
            ? (null, new SessionChange { Record = record, LeaseEnd = now + _messaging.LeaseDuration, WantsRecords = true })
            : (null, null);
    }

    private async Task<(RunClaim? Claim, DateTimeOffset? LookAgain)> DescribeAsync(StoredSession stored, ScriptReply reply)
    {
        var (sessionId, state) = (stored.Keys.SessionId, stored.State!);
        try
        {
            var records = reply.Map("records");

            // Only where a worker was lost in the middle of something.
            var entries = state.Progress.Unsettled is [var first, ..]
                ? await _reader.ReadEntriesAsync(sessionId, first.First, CancellationToken.None)
                : [];
            var claim = SessionRules.Describe(state, sessionId, runId => ToRecords(records, runId), entries, _messaging.LeaseDuration);
            _written.AddOrUpdate(claim.Lease, stored);

            // After the claim, and not beside it as hints are: one that somebody else was faster with would hide what comes next.
            // The run need not wait for it, only the next claim: where it fails others look at the session, and find the lease.
            _moving = Task.WhenAll(
                _moving,
                _hints.WaitAsync(
                    _work.MoveAsync(sessionId, ScriptArguments.ToMicroseconds(stored.LeaseEnd), CancellationToken.None)));
            return (claim, null);
        }
        catch (Exception exception) when (SessionUnreadableException.IsMeant(exception) || exception is SessionUnreadableException)
        {
            // Given back for a version that can read it. Nobody is called, since the first to come would be this process again.
            LogUnreadable(exception, sessionId);
            var run = state.Started!.Known;
            var lease = new RunLease(sessionId, run.RunId, state.Epoch, new FencingToken(run.Token), _messaging.LeaseDuration);
            await ReleaseAsync(lease, isQuiet: true, CancellationToken.None);
            return (null, await LookAgainAsync(sessionId));
        }
    }

    /// <returns>When somebody will look at the session again.</returns>
    private async Task<DateTimeOffset> LookAgainAsync(SessionId sessionId)
    {
        var again = _timeProvider.GetUtcNow() + UnreadableFor;
        await _work.MoveAsync(sessionId, ScriptArguments.ToMicroseconds(again), CancellationToken.None);
        return again;
    }

    private static RunRecords ToRecords(ScriptReply records, RunId runId)
    {
        var request = records.Bytes(runId.Value) ?? throw new InvalidDataException($"The request of run {runId} is missing.");
        var checkpoints = new List<ReadOnlyMemory<byte>>();
        while (records.Bytes($"{runId}/{checkpoints.Count}") is { } checkpoint)
        {
            checkpoints.Add(checkpoint);
        }

        return new RunRecords(JsonSerializer.Deserialize(request, MessagingJson.Wire.RunRequest)!, checkpoints);
    }

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "Session {SessionId} has something that this version can't read, most likely from a newer one; it is left to others for "
            + "a while.")]
    private partial void LogUnreadable(Exception exception, SessionId sessionId);
}
