using AgentStream.Messaging;
using AgentStream.Messaging.Log;

namespace AgentStream.Api.Delivery;

/// <content>What it has of the log: the loop that follows it, and the reads that its clients share.</content>
internal sealed partial class SessionBroadcast
{
    private const int ReadAtOnce = 2048;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>Says that the store can't be reached; completes when it can be again. All clients are told of both.</summary>
    public Task WaitForStoreAsync(StoreUnavailableException exception)
    {
        Task trouble;
        lock (_gate)
        {
            if (!_trouble.IsCompleted)
            {
                return _trouble;
            }

            LogStoreUnavailable(exception, SessionId);
            _isDegraded = true;
            _version++;
            _trouble = trouble = OutlastAsync();
        }

        Offer();
        return trouble;
    }

    private async Task StartAsync()
    {
        await _look.RunAsync();
        _following = FollowAsync();
    }

    private async Task FollowAsync()
    {
        try
        {
            while (!_stopping.IsCancellationRequested)
            {
                try
                {
                    await FollowOnceAsync();
                }
                catch (StoreUnavailableException exception)
                {
                    await WaitForStoreAsync(exception);
                }
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Nobody listens any more.
        }
        catch (Exception exception)
        {
            LogFailed(exception, SessionId);
            foreach (var client in Clients())
            {
                client.End(Ending.Failed);
            }
        }
    }

    private async Task FollowOnceAsync()
    {
        Cursor from;
        CancellationToken ended;
        lock (_gate)
        {
            _round = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
            ended = _round.Token;
            from = new Cursor(_head.Epoch, _recent.Last);
        }

        try
        {
            await foreach (var batch in _log.FollowAsync(SessionId, from, ended))
            {
                if (batch.Resync is not null || batch.Epoch != from.Epoch || _head.Owner is null)
                {
                    await _look.RunAsync();
                }

                if (batch.Resync is not null)
                {
                    Restart();
                    return;
                }

                if (!TryPublish(batch))
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested && !_stopping.IsCancellationRequested)
        {
            // The log goes on in another epoch, and is followed there.
            return;
        }

        throw new StoreUnavailableException("The log stopped telling what comes.");
    }

    /// <summary>False: it is not of the history that is followed.</summary>
    private bool TryPublish(LogBatch batch)
    {
        lock (_gate)
        {
            if (batch.Epoch != _head.Epoch)
            {
                return false;
            }

            foreach (var entry in batch.Entries)
            {
                if (entry.Offset == _recent.Last.Next)
                {
                    _recent.Add(entry);
                    Meter.Observe(entry);
                }
            }

            if (batch.Entries is [.., var last] && last.Offset > _recent.Last)
            {
                return false;
            }

            _head = _head with { LastSeq = Later(_head.LastSeq, _recent.Last) };
            _failures = 0;
            _changedAt = _time.GetTimestamp();
            _version++;
        }

        Offer();
        return true;
    }

    // The log can't be followed from where it was: all begin where it is now.
    private void Restart()
    {
        lock (_gate)
        {
            _recent.Restart(_head.LastSeq);
            _portions.Clear();
            _version++;
        }

        Offer();
    }

    /// <summary>Reads the head, and what those lack who asked for it, back into what is kept for all.</summary>
    private async Task LookAsync()
    {
        List<Offset> wanted;
        lock (_gate)
        {
            wanted = [.. _wanted];
            _wanted.Clear();
        }

        var head = await _log.GetHeadAsync(SessionId, _stopping.Token);
        Adopt(head);
        Offset before;
        lock (_gate)
        {
            before = _recent.Before;
            wanted.RemoveAll(
                after => after < head.TrimmedThrough || after >= before || _recent.Last.Value - after.Value > _maxBehind);
        }

        if (wanted.Count > 0 && await ReadAsync(new Cursor(head.Epoch, wanted.Min()), before) is { } entries)
        {
            lock (_gate)
            {
                if (_head.Epoch == head.Epoch)
                {
                    _recent.Prepend(entries);
                    _changedAt = _time.GetTimestamp();
                }
            }
        }
    }

    private async Task<List<LogEntry>?> ReadAsync(Cursor position, Offset before)
    {
        var entries = new List<LogEntry>();
        var bytes = 0L;
        while (position.After < before)
        {
            var batch = await _log.ReadAsync(
                SessionId, position, (int)Math.Min(ReadAtOnce, before.Value - position.After.Value), _stopping.Token);
            bytes += batch.Entries.Sum(entry => (long)entry.Frame.Length);
            if (batch.Entries.Count == 0 || batch.Epoch != position.Epoch || bytes > RecentEntries.MaxBytes)
            {
                return null;
            }

            entries.AddRange(batch.Entries);
            position = position with { After = batch.Entries[^1].Offset };
        }

        return entries;
    }

    private void Adopt(SessionHead head)
    {
        List<ClientConnection> forbidden;
        CancellationTokenSource? other = null;
        lock (_gate)
        {
            if (head.Epoch != _head.Epoch)
            {
                other = _round;
                _recent.Restart(head.LastSeq);
                _portions.Clear();
                _snapshot = null;
                _version++;
            }

            _head = head with { LastSeq = Later(head.LastSeq, _recent.Last) };
            forbidden = [.. _clients.Where(IsForbidden)];
        }

        forbidden.ForEach(client => client.End(Ending.Forbidden));
        if (other is not null)
        {
            other.Cancel();
            Offer();
        }
    }

    private async Task TakeSnapshotAsync()
    {
        var takenAt = _time.GetTimestamp();
        var snapshot = await _log.SnapshotAsync(SessionId, _stopping.Token);
        if (Head is var head && (head.Owner is null || head.Epoch != snapshot.Data.Epoch))
        {
            // Whose it is now, before anybody sees it.
            await _look.RunAsync();
        }

        lock (_gate)
        {
            (_snapshot, _snapshotTakenAt) = (snapshot, takenAt);
        }
    }

    private async Task OutlastAsync()
    {
        // Asks with growing pauses until the store answers: a client of a quiet session shall hear that it is back, too.
        for (var isAway = true; isAway;)
        {
            var longest = Math.Min(
                LongestPause.TotalMilliseconds, FirstPause.TotalMilliseconds * Math.Pow(2, Math.Min(_failures++, 10)));
            await Task.Delay(
                TimeSpan.FromMilliseconds((longest / 2) + (Random() * longest / 2)), _time, _stopping.Token);
            try
            {
                await _look.RunAsync();
                isAway = false;
            }
            catch (StoreUnavailableException exception)
            {
                LogStoreUnavailable(exception, SessionId);
            }
        }

        lock (_gate)
        {
            _isDegraded = false;
            _version++;
        }

        Offer();
    }

    private static Offset Later(Offset one, Offset other) => one > other ? one : other;

    [LoggerMessage(Level = LogLevel.Warning, Message = "The clients of session {SessionId} wait for the store")]
    private partial void LogStoreUnavailable(Exception exception, SessionId sessionId);

    [LoggerMessage(Level = LogLevel.Error, Message = "Following session {SessionId} failed")]
    private partial void LogFailed(Exception exception, SessionId sessionId);
}
