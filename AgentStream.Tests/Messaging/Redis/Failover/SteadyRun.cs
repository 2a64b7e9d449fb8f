using System.Diagnostics;
using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Queue;
using AgentStream.Tests.Messaging.Contract;
using AgentStream.Tests.Support;

namespace AgentStream.Tests.Messaging.Redis.Failover;

/// <summary>
/// A run that writes all the time, as a worker does (what is not answered is written again), and somebody in another process who
/// reads along. What was acknowledged must be read, once and in order, whatever happens to Redis meanwhile.
/// </summary>
internal sealed class SteadyRun : IAsyncDisposable
{
    /// <summary>Before its keys.</summary>
    public const string Prefix = "agentstream:s:";

    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(5);
    private readonly RedisProcess _worker;
    private readonly RedisProcess _api;
    private readonly RunLease _lease;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _left = new();
    private readonly Lock _gate = new();
    private readonly List<long> _seen = [];
    private readonly List<string> _connections = [];
    private readonly Task<Offset> _writing;
    private readonly Task _reading;
    private (long Offset, TaskCompletionSource Seen)? _awaited;

    private SteadyRun(RedisProcess worker, RedisProcess api, RunLease lease)
    {
        (_worker, _api, _lease) = (worker, api, lease);
        Note("writer", worker);
        Note("reader", api);
        _writing = WriteAsync();
        _reading = ReadAsync();
    }

    /// <summary>The longest time for which the reader saw nothing.</summary>
    public TimeSpan LongestPause { get; private set; }

    public static async Task<SteadyRun> BeginAsync(string connectionString, SessionId? session = null)
    {
        var worker = await RedisProcess.StartAsync(connectionString, Prefix);
        var api = await RedisProcess.StartAsync(connectionString, Prefix);
        await api.Store.EnqueueAsync(Make.Request(session: session));
        var lease = (await worker.Store.ClaimAsync("w"))!.Lease;
        var run = new SteadyRun(worker, api, lease);
        await run.GoOnAsync();
        return run;
    }

    /// <summary>Waits until so many more entries were read.</summary>
    public Task GoOnAsync(int entries = 100)
    {
        lock (_gate)
        {
            return SeeAsync(_seen.Count + entries);
        }
    }

    /// <summary>Ends it and checks that the reader has all that was acknowledged, and that the lease is the first one still.</summary>
    public async Task EndAsync()
    {
        await _stop.CancelAsync();
        var last = await _writing.WaitAsync(TestTimeouts.Default);
        await SeeAsync(last.Value);

        lock (_gate)
        {
            Assert.Equal(Enumerable.Range(1, (int)last.Value).Select(offset => (long)offset), _seen);
        }

        Assert.True((await RepeatAsync(() => _worker.Store.RenewAsync(_lease))).Held);
        Assert.Null(await RepeatAsync(() => _api.Store.ClaimAsync("other")));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _left.CancelAsync();
        await Task.WhenAll(_writing, _reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _worker.DisposeAsync();
        await _api.DisposeAsync();
        _stop.Dispose();
        _left.Dispose();
    }

    /// <summary>As a worker does while Redis is away: the same again, until it is answered.</summary>
    public static async Task<T> RepeatAsync<T>(Func<ValueTask<T>> ask)
    {
        using var patience = new CancellationTokenSource(TestTimeouts.Default);
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            try
            {
                return await ask();
            }
            catch (StoreUnavailableException)
            {
                await pause.WaitForNextTickAsync(patience.Token);
            }
        }
    }

    /// <summary>What a test has to say: the longest pause, and when connections broke and came back.</summary>
    public override string ToString()
    {
        lock (_gate)
        {
            return $"longest pause {LongestPause.TotalMilliseconds:0} ms ({string.Join("; ", _connections)})";
        }
    }

    private void Note(string who, RedisProcess process)
    {
        var began = TimeProvider.System.GetTimestamp();
        process.Connection.ConnectionFailed += (_, args) => Add($"{args.ConnectionType} failed ({args.FailureType})");
        process.Connection.ConnectionRestored += (_, args) => Add($"{args.ConnectionType} restored");

        void Add(string what)
        {
            lock (_gate)
            {
                _connections.Add($"{TimeProvider.System.GetElapsedTime(began).TotalMilliseconds:0} ms {who} {what}");
            }
        }
    }

    private async Task<Offset> WriteAsync()
    {
        var last = new Offset(1);
        using var pace = new PeriodicTimer(Pace);
        for (var sequence = 1; !_stop.IsCancellationRequested; sequence++)
        {
            var append = Make.Append(_lease, sequence, sequence == 1 ? Make.Started() : Make.Delta(_lease, 1, $"{sequence} "));
            var result = await RepeatAsync(() => _worker.Store.AppendAsync(append));
            Assert.Equal((AppendStatus.Appended, last.Next), (result.Status, result.LastOffset));
            last = result.LastOffset;
            await pace.WaitForNextTickAsync();
        }

        return last;
    }

    private async Task ReadAsync()
    {
        var cursor = default(Cursor);
        var last = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                await foreach (var batch in _api.Store.FollowAsync(_lease.SessionId, cursor, _left.Token))
                {
                    Assert.Null(batch.Resync);
                    Take(batch, Stopwatch.GetElapsedTime(last));
                    cursor = new Cursor(batch.Epoch, batch.Entries[^1].Offset);
                    last = Stopwatch.GetTimestamp();
                }
            }
            catch (StoreUnavailableException)
            {
                // As a server does: again, at its cursor.
                await Task.Delay(Pace, _left.Token);
            }
        }
    }

    private void Take(LogBatch batch, TimeSpan pause)
    {
        lock (_gate)
        {
            LongestPause = pause > LongestPause ? pause : LongestPause;
            _seen.AddRange(batch.Entries.Select(entry => entry.Offset.Value));
            if (_awaited is { } awaited && _seen.Count >= awaited.Offset)
            {
                awaited.Seen.TrySetResult();
            }
        }
    }

    private async Task SeeAsync(long count)
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _awaited = (count, seen);
            if (_seen.Count >= count)
            {
                return;
            }
        }

        var first = await Task.WhenAny(seen.Task, _reading, _writing.IsCompleted ? seen.Task : _writing).WaitAsync(TestTimeouts.Default);
        await first;
    }
}
