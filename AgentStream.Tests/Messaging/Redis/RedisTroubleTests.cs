using System.Globalization;
using AgentStream.Messaging;
using AgentStream.Messaging.Attachments;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Queue;
using AgentStream.Messaging.Transcript;
using AgentStream.Tests.Messaging.Contract;
using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Processes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace AgentStream.Tests.Messaging.Redis;

/// <summary>What Redis can do to its users.</summary>
[Collection(RedisCollection.Name)]
public sealed class RedisTroubleTests(RedisServerFixture redis)
{
    [RedisFact]
    public async Task Scripts_ThatTheServerForgot_AreSentAgain()
    {
        await using var process = await RedisProcess.StartAsync(redis.Server, redis.NewPrefix());
        await process.Store.EnqueueAsync(Make.Request("m1"));

        await redis.Server.AskAsync("SCRIPT", "FLUSH");

        Assert.Equal(EnqueueStatus.Accepted, (await process.Store.EnqueueAsync(Make.Request("m2"))).Status);
        Assert.NotNull(await process.Store.ClaimAsync("w"));
    }

    [RedisFact]
    public async Task Memory_ThatIsFull_IsAnHonestErrorAndHalfWritesNothing()
    {
        await using var process = await RedisProcess.StartAsync(redis.Server, redis.NewPrefix());
        await process.Store.EnqueueAsync(Make.Request("m1"));
        var lease = (await process.Store.ClaimAsync("w"))!.Lease;
        var append = Make.Append(lease, 1, Make.Started(), Make.Delta(lease, 1, "a")) with { Checkpoint = Make.Bytes("c") };
        await redis.Server.AskAsync("CONFIG", "SET", "maxmemory", "1");
        try
        {
            var refused = await Assert.ThrowsAsync<StoreUnavailableException>(async () => await process.Store.AppendAsync(append));
            Assert.Equal("Redis is full (maxmemory is reached): nothing was written.", refused.Message);
            await Assert.ThrowsAsync<StoreUnavailableException>(async () => await process.Store.FinishAsync(append, Make.Finished()));
            await Assert.ThrowsAsync<StoreUnavailableException>(async () => await process.Store.EnqueueAsync(Make.Request("m2")));
            await Assert.ThrowsAsync<StoreUnavailableException>(async () => await process.Store.CancelAsync(Make.Session, null, "client"));
            Assert.Equal(new Offset(1), (await process.Store.GetHeadAsync(Make.Session)).LastSeq);
        }
        finally
        {
            await redis.Server.AskAsync("CONFIG", "SET", "maxmemory", "0");
        }

        var appended = await process.Store.AppendAsync(append);
        Assert.Equal((AppendStatus.Appended, new Offset(3), false), (appended.Status, appended.LastOffset, appended.CancelRequested));
    }

    [RedisFact]
    public async Task Retention_WhileMemoryIsFull_MakesRoom()
    {
        var prefix = redis.NewPrefix();
        await using var process = await RedisProcess.StartAsync(
            redis.Server, prefix, new MessagingOptions { ReplayWindow = TimeSpan.Zero });
        await process.Store.EnqueueAsync(Make.Request());
        var lease = (await process.Store.ClaimAsync("w"))!.Lease;
        for (var sequence = 1; sequence <= 20; sequence++)
        {
            await process.Store.AppendAsync(Make.Append(lease, sequence, Make.Delta(lease, 1, "word ")));
        }

        await process.Store.FinishAsync(Make.Append(lease, 21, Make.Step(lease, 1, "answer")), Make.Finished());
        await redis.Server.AskAsync("CONFIG", "SET", "maxmemory", "1");
        try
        {
            await process.Store.RetainAsync();
        }
        finally
        {
            await redis.Server.AskAsync("CONFIG", "SET", "maxmemory", "0");
        }

        var head = await process.Store.GetHeadAsync(Make.Session);
        Assert.Equal(head.LastSeq, head.TrimmedThrough);
        Assert.Contains(":0\r\n", await redis.Server.AskAsync("XLEN", $"{prefix}{{{Make.Session}}}:log"), StringComparison.Ordinal);
    }

    [RedisFact]
    public async Task Lease_WhileMemoryIsFull_IsRenewedAndGivenBack()
    {
        await using var process = await RedisProcess.StartAsync(redis.Server, redis.NewPrefix());
        await process.Store.EnqueueAsync(Make.Request());
        var lease = (await process.Store.ClaimAsync("w"))!.Lease;
        await redis.Server.AskAsync("CONFIG", "SET", "maxmemory", "1");
        try
        {
            Assert.True((await process.Store.RenewAsync(lease)).Held);
            Assert.True(await process.Store.ReleaseAsync(lease));
        }
        finally
        {
            await redis.Server.AskAsync("CONFIG", "SET", "maxmemory", "0");
        }

        // The hint was refused: workers would look when the lease would have ended, or with the next message.
        await process.Store.EnqueueAsync(Make.Request("m2"));
        var claim = (await process.Store.ClaimAsync("w"))!;
        Assert.Equal((lease.RunId, 1), (claim.Lease.RunId, claim.Attempt));
    }

    [RedisFact]
    public async Task Erase_WhileMemoryIsFull_MakesRoom()
    {
        await using var process = await RedisProcess.StartAsync(redis.Server, redis.NewPrefix());
        await process.Store.EnqueueAsync(Make.Request());
        await process.Store.GetHeadAsync(SessionId.Parse("other"));
        await redis.Server.AskAsync("HSET", "unrelated", "a", "b");
        await redis.Server.AskAsync("CONFIG", "SET", "maxmemory", "1");
        try
        {
            Assert.True(await process.Store.EraseAsync(Make.Session));
        }
        finally
        {
            await redis.Server.AskAsync("CONFIG", "SET", "maxmemory", "0");
        }

        Assert.False((await process.Store.GetHeadAsync(Make.Session)).Exists);
    }

    [RedisFact]
    public async Task Server_KilledAndBackWithItsFile_LosesNothingAndReadersGoOn()
    {
        await using var server = await RedisServer.StartAsync("--appendonly", "yes");
        await using var process = await RedisProcess.StartAsync(server, "agentstream:a:");
        await process.Store.EnqueueAsync(Make.Request());
        var lease = (await process.Store.ClaimAsync("w"))!.Lease;
        await process.Store.AppendAsync(Make.Append(lease, 1, Make.Started()));
        await using var reader = process.Follow(default);
        await reader.ReadThroughAsync(2);
        reader.Begin();

        await server.KillAsync();
        var append = Make.Append(lease, 2, Make.Delta(lease, 1, "a"));
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await process.Store.AppendAsync(append));
        await server.StartAgainAsync();
        var appended = await RepeatAsync(() => process.Store.AppendAsync(append));

        Assert.Equal((AppendStatus.Appended, new Offset(3)), (appended.Status, appended.LastOffset));
        await reader.ReadThroughAsync(3);
        Assert.Equal([1, 2, 3], reader.Seen);
    }

    [RedisFact]
    public async Task Server_AwayForLongerThanALease_WhoHasTheRunGoesOn()
    {
        var (clock, messaging) = (new FakeTimeProvider(), new MessagingOptions { LeaseDuration = TimeSpan.FromSeconds(10) });
        await using var server = await RedisServer.StartAsync("--appendonly", "yes");
        await using var holder = await RedisProcess.StartAsync(server, "agentstream:a:", messaging, clock);
        await using var other = await RedisProcess.StartAsync(server, "agentstream:a:", messaging, clock);
        await holder.Store.EnqueueAsync(Make.Request());
        var lease = (await holder.Store.ClaimAsync("holder"))!.Lease;

        await server.KillAsync();
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await other.Store.ClaimAsync("other"));
        clock.Advance(messaging.LeaseDuration * 2);
        await server.StartAgainAsync();

        Assert.Null(await RepeatAsync(() => other.Store.ClaimAsync("other")));
        Assert.Equal(
            AppendStatus.Appended, (await RepeatAsync(() => holder.Store.AppendAsync(Make.Append(lease, 1, Make.Started())))).Status);
        Assert.True((await holder.Store.RenewAsync(lease)).Held);

        // Nobody renews any more: from now on it counts.
        // (In rounds: what was asked before the end may learn only now that it got no answer.)
        RunClaim? claim = null;
        using var patience = new CancellationTokenSource(TestTimeouts.Default);
        while (claim is null)
        {
            clock.Advance(messaging.LeaseDuration + TimeSpan.FromSeconds(1));
            claim = await other.Store.ClaimAsync("other", patience.Token);
        }

        Assert.Equal((lease.RunId, 2), (claim.Lease.RunId, claim.Attempt));
    }

    [RedisFact]
    public async Task Server_ThatFreezes_NoReaderWaitsForItsClose()
    {
        var logs = new CollectedLogs();
        await using var server = await RedisServer.StartAsync();
        await using var process = await RedisProcess.StartAsync(
            server, "agentstream:a:", logs: logs, configure: options => options.CommandTimeout = TimeSpan.FromSeconds(30));
        using var stop = new CancellationTokenSource();
        using var patience = new CancellationTokenSource(TestTimeouts.Default);
        var reading = new List<Task<bool>>();
        for (var i = 0; i < 20; i++)
        {
            var session = SessionId.Parse($"s{i}");
            reading.Add(process.Store.FollowAsync(session, default, stop.Token)
                .GetAsyncEnumerator(CancellationToken.None)
                .MoveNextAsync()
                .AsTask());

            // Whoever joins waits until the session is followed.
            using var joined = await process.Store.Feeds.JoinAsync(session, patience.Token);
        }

        server.Freeze();
        try
        {
            await stop.CancelAsync();
            await Task.WhenAll(
                reading.Select(read => Assert.ThrowsAnyAsync<OperationCanceledException>(() => read.WaitAsync(patience.Token))));

            // One that had waited would have been told by now that its session could not be unsubscribed from.
            Assert.DoesNotContain(logs.At(LogLevel.Debug), line => line.Contains("unsubscribed", StringComparison.Ordinal));
            Assert.False(patience.IsCancellationRequested);
        }
        finally
        {
            server.GoOn();
        }
    }

    [RedisFact]
    public async Task Session_ThatThisVersionCanNotRead_IsPutOffAndOthersGoOn()
    {
        var prefix = redis.NewPrefix();
        var (clock, logs) = (new FakeTimeProvider(), new CollectedLogs());
        await using var process = await RedisProcess.StartAsync(
            redis.Server, prefix, new MessagingOptions { ReplayWindow = TimeSpan.Zero }, clock, logs);
        var (newer, other) = (SessionId.Parse("newer"), SessionId.Parse("other"));
        foreach (var session in (SessionId[])[newer, other])
        {
            await process.Store.EnqueueAsync(Make.Request("m1", session));
            await process.Store.FinishAsync(Make.Append((await process.Store.ClaimAsync("w"))!.Lease, 1, Make.Started()), Make.Finished());
        }

        await process.Store.EnqueueAsync(Make.Request("m2", newer));
        await process.Store.EnqueueAsync(Make.Request("m2", other));

        var database = redis.Admin.GetDatabase();
        var (requests, log) = ((RedisKey)$"{prefix}{{newer}}:records", (RedisKey)$"{prefix}{{newer}}:log");
        var request = Assert.Single(
            await database.HashGetAllAsync(requests), record => record.Value.ToString().Contains("\"m2\"", StringComparison.Ordinal));
        await database.HashSetAsync(
            requests, request.Name,
            request.Value.ToString().Replace("\"on_busy\":\"enqueue\"", "\"on_busy\":\"swap\"", StringComparison.Ordinal));
        await database.KeyDeleteAsync(log);
        await database.ExecuteAsync("XADD", log, "2-0", "f", "no frame that a version of today can read");

        // The other one is served by the same call, and folded in the same round.
        Assert.Equal(other, (await process.Store.ClaimAsync("w"))?.Lease.SessionId);
        Assert.Null(await process.Store.ClaimAsync("w"));
        await process.Store.RetainAsync();
        Assert.Equal(new Offset(3), (await process.Store.GetHeadAsync(other)).TrimmedThrough);
        Assert.Equal(Offset.Start, (await process.Store.GetHeadAsync(newer)).TrimmedThrough);
        await Assert.ThrowsAnyAsync<StoreUnavailableException>(async () => await process.Store.SnapshotAsync(newer));
        await Assert.ThrowsAnyAsync<StoreUnavailableException>(
            async () => await process.Store.ReadAsync(newer, new Cursor(null, new Offset(1)), 10));
        Assert.Contains(logs.At(LogLevel.Error), line => line.Contains("newer", StringComparison.Ordinal));

        // Whoever can read it has it soon, and no attempt was lost on it.
        await database.HashSetAsync(requests, request.Name, request.Value);
        clock.Advance(TimeSpan.FromMinutes(1));
        var claims = new List<RunClaim>();
        while (await process.Store.ClaimAsync("w") is { } claim)
        {
            claims.Add(claim);
        }

        Assert.Equal(1, Assert.Single(claims, claim => claim.Lease.SessionId == newer).Attempt);
    }

    [RedisFact]
    public async Task Start_WithSessionsOfAnotherFormat_SaysWhatToDo()
    {
        var prefix = redis.NewPrefix();
        await redis.Admin.GetDatabase().HashSetAsync(prefix + "store", "id", "of-an-older-version");

        var exception = await Assert.ThrowsAsync<StoreUnavailableException>(() => RedisProcess.StartAsync(redis.Server, prefix));

        Assert.Equal(
            "Redis has sessions of another version of AgentStream: run that version, or delete them, or choose another "
                + "AgentStream:Redis:KeyPrefix.", exception.Message);
    }

    [RedisFact]
    public async Task Session_ThatWaitsForAPerson_OutlivesItsLastQuestion()
    {
        var prefix = redis.NewPrefix();
        var retention = TimeSpan.FromMinutes(1);
        await using var process = await RedisProcess.StartAsync(
            redis.Server, prefix, configure: options => options.SessionRetention = retention);
        await process.Store.EnqueueAsync(Make.Request());
        var lease = (await process.Store.ClaimAsync("w"))!.Lease;
        var now = DateTimeOffset.UtcNow;
        var questions = new[] { TimeSpan.FromHours(1), TimeSpan.FromHours(2) }.Select((time, i) => Make.Question(lease, i, now + time))
            .ToArray();

        await process.Store.ParkAsync(Make.Park(lease, 1, [.. questions]));
        await process.Store.RenameAsync(Make.Session, "renamed while it waits");
        Assert.InRange(
            await EndAsync(prefix), questions[1].ExpiresAt + retention - TimeSpan.FromSeconds(1), questions[1].ExpiresAt + retention);

        await process.Store.AnswerAsync(Make.Answer(lease, questions[1]));
        Assert.InRange(
            await EndAsync(prefix), questions[0].ExpiresAt + retention - TimeSpan.FromSeconds(1), questions[0].ExpiresAt + retention);

        // From then on it is as any other.
        await process.Store.AnswerAsync(Make.Answer(lease, questions[0]));
        Assert.NotNull(await process.Store.ClaimAsync("w"));
        Assert.InRange(await EndAsync(prefix), now, DateTimeOffset.UtcNow + retention);
    }

    [RedisFact]
    public async Task Server_BackWithoutItsData_BeginsANewEpochAndReadersResync()
    {
        await using var server = await RedisServer.StartAsync();
        await using var process = await RedisProcess.StartAsync(server, "agentstream:a:");
        await process.Store.EnqueueAsync(Make.Request());
        var lease = (await process.Store.ClaimAsync("w"))!.Lease;
        await using var reader = process.Follow(default);
        await reader.ReadThroughAsync(1);
        reader.Begin();

        await server.KillAsync();
        server.LoseData();
        await server.StartAgainAsync();
        var append = await RepeatAsync(() => process.Store.AppendAsync(Make.Append(lease, 1, Make.Started())));

        Assert.Equal(AppendStatus.LeaseLost, append.Status);
        var resync = await reader.ReadResyncAsync();
        Assert.Equal((ResyncReason.Epoch, Offset.Start), (resync.Resync, resync.Head));
        Assert.NotEqual(lease.Epoch, resync.Epoch);
        Assert.Equal(new Offset(1), (await process.Store.EnqueueAsync(Make.Request())).Seq);
        Assert.NotEqual(lease.Epoch, (await process.Store.GetHeadAsync(Make.Session)).Epoch);
    }

    [RedisFact]
    public async Task Replica_ThatWasBehind_BeginsANewEpochWithWhatItHas()
    {
        var prefix = redis.NewPrefix();
        await using var process = await RedisProcess.StartAsync(redis.Server, prefix);
        await process.Store.EnqueueAsync(Make.Request());
        var lease = (await process.Store.ClaimAsync("w"))!.Lease;
        await process.Store.AppendAsync(Make.Append(lease, 1, Make.Started()));
        var database = redis.Admin.GetDatabase();
        var older = await DumpAsync(database, prefix);
        await process.Store.AppendAsync(Make.Append(lease, 2, Make.Delta(lease, 1, "lost")));
        await using var reader = process.Follow(default);
        await reader.ReadThroughAsync(3);
        reader.Begin();

        foreach (var (key, dump) in older)
        {
            await database.ExecuteAsync("RESTORE", key, 0, dump, "REPLACE");
        }

        // The worker writes on, and is told; so is everybody who reads.
        Assert.Equal(AppendStatus.LeaseLost, (await process.Store.AppendAsync(Make.Append(lease, 3, Make.Delta(lease, 1, "on")))).Status);
        var resync = await reader.ReadResyncAsync();
        Assert.Equal((ResyncReason.Epoch, new Offset(2)), (resync.Resync, resync.Head));
        Assert.NotEqual(lease.Epoch, resync.Epoch);
        var claim = (await process.Store.ClaimAsync("w"))!;
        Assert.Equal((lease.RunId, 1, 2, resync.Epoch), (claim.Lease.RunId, claim.Attempt, claim.ClaimNumber, claim.Lease.Epoch));
        Assert.Equal(new Offset(3), (await process.Store.AppendAsync(Make.Append(claim.Lease, 1, Make.Started()))).LastOffset);
    }

    [RedisFact]
    public async Task Keys_OfASession_ShareASlotAndExpireTogether()
    {
        var prefix = redis.NewPrefix();
        await using var process = await RedisProcess.StartAsync(
            redis.Server, prefix, new MessagingOptions { ReplayWindow = TimeSpan.Zero });
        await process.Store.EnqueueAsync(Make.Request("m1"));
        var first = (await process.Store.ClaimAsync("w"))!.Lease;
        await process.Store.FinishAsync(
            Make.Append(first, 1, Make.Step(first, 1, "answer")) with { Checkpoint = Make.Bytes("c") }, Make.Finished());
        await process.Store.RetainAsync();
        await process.Store.EnqueueAsync(Make.Request("m2"));
        var file = await process.Store.Attachments.AddAsync(
            Make.Session, PrincipalId.Anonymous, new AttachmentFile("a.txt", null, 1), new MemoryStream(Make.Bytes("a")));
        await process.Store.EnqueueAsync(Make.Request("m3") with { Attachments = [file.Attachment!] });
        var second = (await process.Store.ClaimAsync("w"))!.Lease;
        await process.Store.AppendAsync(Make.Append(second, 1, Make.Delta(second, 1, "a")) with { Checkpoint = Make.Bytes("c") });
        await process.Store.CancelAsync(Make.Session, null, "client");
        var database = redis.Admin.GetDatabase();

        var keys = (string[])(await database.ExecuteAsync("KEYS", prefix + "*"))!;

        Assert.Equal(
            ["attachments", "base", "log", "messages", "meta", "records", "runs", "unfinished", "uploads"],
            keys.Where(key => key.Contains('{', StringComparison.Ordinal))
                .Select(key => key[(key.IndexOf('}', StringComparison.Ordinal) + 2)..])
                .Order(StringComparer.Ordinal));
        Assert.All(
            keys,
            key => Assert.True(
                key.StartsWith($"{prefix}{{{Make.Session}}}:", StringComparison.Ordinal)
                || key == prefix + "work"
                || key == prefix + "trims"
                || key == prefix + "store"
                || key == $"{prefix}owner:{PrincipalId.Anonymous}",
                key));
        var ends = new HashSet<long>();
        foreach (var key in keys.Where(
            key => key.Contains('{', StringComparison.Ordinal) && !key.EndsWith("uploads", StringComparison.Ordinal)))
        {
            ends.Add((long)await database.ExecuteAsync("PEXPIRETIME", key));
        }

        Assert.True(Assert.Single(ends) > 0);
        var unsent = (long)await database.ExecuteAsync("PTTL", keys.Single(key => key.EndsWith("uploads", StringComparison.Ordinal)));
        Assert.InRange(unsent, 1, (long)new MessagingOptions().UnsentAttachmentLifetime.TotalMilliseconds);
    }

    [RedisFact]
    public async Task Process_ThatFollowsAndListensInVain_AsksLessThanFiveTimesASecond()
    {
        await using var server = await RedisServer.StartAsync();
        await using var process = await RedisProcess.StartAsync(server, "agentstream:a:");
        var readers = Enumerable.Range(0, 50)
            .Select(i => process.Store.FollowAsync(SessionId.Parse($"s{i}"), default).GetAsyncEnumerator())
            .ToList();
        var reading = readers.ConvertAll(reader => reader.MoveNextAsync().AsTask());
        using var patience = new CancellationTokenSource(TestTimeouts.Default);
        for (var i = 0; i < readers.Count; i++)
        {
            // Whoever joins waits until the session is followed: from then on it costs nothing.
            using var joined = await process.Store.Feeds.JoinAsync(SessionId.Parse($"s{i}"), patience.Token);
        }

        await using var signals = process.Store.ListenAsync(patience.Token).GetAsyncEnumerator();
        await signals.MoveNextAsync();
        await process.Store.ProbeAsync();

        // A rate needs time to pass: these are the seconds that it is taken over, and nothing is waited for in them.
        const int Seconds = 5;
        var before = await CommandsAsync(server);
        using var second = new PeriodicTimer(TimeSpan.FromSeconds(1));
        for (var i = 0; i < Seconds; i++)
        {
            await second.WaitForNextTickAsync();
        }

        var commands = await CommandsAsync(server) - before;
        Assert.InRange(commands, 1, 5 * Seconds);
        Assert.All(reading, read => Assert.False(read.IsCompleted));
    }

    [RedisFact]
    public async Task Health_OfAProcessThatIsDeaf_IsBad()
    {
        await using var process = await RedisProcess.StartAsync(
            redis.Server, redis.NewPrefix(), configure: options => options.CommandTimeout = TimeSpan.FromSeconds(1));
        await process.Store.ProbeAsync();

        await process.GoDeafAsync();

        await Assert.ThrowsAsync<StoreUnavailableException>(() => process.Store.ProbeAsync());
    }

    [RedisFact]
    public async Task Policy_ThatEvicts_IsWarnedOf()
    {
        var logs = new CollectedLogs();
        await redis.Server.AskAsync("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
        try
        {
            await using var process = await RedisProcess.StartAsync(redis.Server, redis.NewPrefix(), logs: logs);
        }
        finally
        {
            await redis.Server.AskAsync("CONFIG", "SET", "maxmemory-policy", "noeviction");
        }

        Assert.Contains(logs.At(LogLevel.Warning), line => line.Contains("allkeys-lru", StringComparison.Ordinal));
    }

    [RedisFact]
    public async Task Host_WithAConnectionString_KeepsItsSessionsInRedis()
    {
        var prefix = redis.NewPrefix();
        var request = Make.Request();
        using (var host = Build(redis.Server.ConnectionString, ("AgentStream:Redis:KeyPrefix", prefix)))
        {
            await host.StartAsync();
            await host.Services.GetRequiredService<IRunQueue>().EnqueueAsync(request);
            Assert.Equal(HealthStatus.Healthy, (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Status);
            await host.StopAsync();
        }

        using var again = Build(redis.Server.ConnectionString, ("AgentStream:Redis:KeyPrefix", prefix));
        await again.StartAsync();
        Assert.Equal(request.RunId, (await again.Services.GetRequiredService<IRunQueue>().ClaimAsync("w"))?.Request.RunId);
        await again.StopAsync();
    }

    [RedisFact]
    public async Task Host_WithoutItsRedis_SaysSoAndDoesNotStart()
    {
        var port = FreePorts.Take(1)[0];
        using var host = Build($"localhost:{port},connectTimeout=200,connectRetry=1", ("AgentStream:Redis:StartTimeout", "00:00:00"));

        var exception = await Assert.ThrowsAsync<StoreUnavailableException>(() => host.StartAsync());

        Assert.Equal(
            "No start without Redis, after 0 s (AgentStream:Redis:StartTimeout). "
                + $"Redis at localhost:{port} refuses connections: nothing listens there. "
                + "Start it, or correct host and port in ConnectionStrings:redis.", exception.Message);
    }

    private static IHost Build(string connectionString, params (string Key, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration["ConnectionStrings:redis"] = connectionString;
        foreach (var (key, value) in settings)
        {
            builder.Configuration[key] = value;
        }

        builder.AddAgentStreamMessaging();
        return builder.Build();
    }

    /// <summary>As a worker does while Redis is away: the same write again, until it is answered.</summary>
    private static async Task<T> RepeatAsync<T>(Func<ValueTask<T>> write)
    {
        using var patience = new CancellationTokenSource(TestTimeouts.Default);
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (true)
        {
            try
            {
                return await write();
            }
            catch (StoreUnavailableException)
            {
                await pause.WaitForNextTickAsync(patience.Token);
            }
        }
    }

    private static async Task<List<(string Key, byte[] Dump)>> DumpAsync(IDatabase database, string prefix)
    {
        var dumps = new List<(string, byte[])>();
        foreach (var key in (string[])(await database.ExecuteAsync("KEYS", prefix + "{*"))!)
        {
            dumps.Add((key, (byte[])(await database.ExecuteAsync("DUMP", key))!));
        }

        return dumps;
    }

    /// <summary>The one moment at which all keys of the session end.</summary>
    private async Task<DateTimeOffset> EndAsync(string prefix)
    {
        var database = redis.Admin.GetDatabase();
        var ends = new HashSet<long>();
        foreach (var key in (string[])(await database.ExecuteAsync("KEYS", prefix + "{*"))!)
        {
            ends.Add((long)await database.ExecuteAsync("PEXPIRETIME", key));
        }

        return DateTimeOffset.FromUnixTimeMilliseconds(Assert.Single(ends));
    }

    private static async Task<long> CommandsAsync(RedisServer server)
    {
        // Each counts what scripts do, too: these nobody but scripts sends while nothing happens.
        string[] inScripts = ["hmget", "time", "zrange", "zrangebyscore"];
        var stats = await server.AskAsync("INFO", "commandstats");
        return stats.Split('\n')
            .Where(
                line => line.StartsWith("cmdstat_", StringComparison.Ordinal)
                    && !inScripts.Contains(line["cmdstat_".Length..line.IndexOf(':', StringComparison.Ordinal)]))
            .Sum(line => long.Parse(line.Split('=', ',')[1], CultureInfo.InvariantCulture));
    }
}
