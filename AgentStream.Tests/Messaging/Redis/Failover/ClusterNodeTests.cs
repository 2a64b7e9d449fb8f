using System.Globalization;
using System.Text.RegularExpressions;
using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Queue;
using AgentStream.Messaging.Redis;
using AgentStream.Tests.Messaging.Contract;
using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Processes;
using Xunit.Abstractions;

namespace AgentStream.Tests.Messaging.Redis.Failover;

/// <summary>A node of a cluster goes away, and comes back before the others have given it up: they go on.</summary>
public sealed partial class ClusterNodeTests(ITestOutputHelper output)
{
    private const string Prefix = SteadyRun.Prefix;

    [RedisFact]
    public async Task Node_AwayForLongerThanALease_WhoHasTheRunGoesOnWhateverOtherNodesAnswer()
    {
        var (clock, messaging) = (new FakeTimeProvider(), new MessagingOptions { LeaseDuration = TimeSpan.FromSeconds(10) });
        await using var cluster = await RedisCluster.StartAsync("--appendonly", "yes");
        await using var holder = await RedisProcess.StartAsync(cluster.ConnectionString, Prefix, messaging, clock);
        await using var other = await RedisProcess.StartAsync(
            cluster.ConnectionString, Prefix, messaging, clock, configure: options => options.CommandTimeout = TimeSpan.FromSeconds(1));
        var (_, session) = await SessionsAsync(cluster, await cluster.NodeOfAsync(Prefix + "work"));
        var away = await cluster.NodeOfAsync(KeyOf(session));
        await holder.Store.EnqueueAsync(Make.Request(session: session));
        var lease = (await holder.Store.ClaimAsync("holder"))!.Lease;

        await away.KillAsync();
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await other.Store.GetHeadAsync(session));

        // The index is on another node, which answers all the time.
        Assert.Null(await other.Store.ClaimAsync("other"));
        clock.Advance(messaging.LeaseDuration * 2);
        await away.StartAgainAsync();

        Assert.Null(await SteadyRun.RepeatAsync(() => other.Store.ClaimAsync("other")));
        var append = Make.Append(lease, 1, Make.Started());
        Assert.Equal(AppendStatus.Appended, (await SteadyRun.RepeatAsync(() => holder.Store.AppendAsync(append))).Status);
    }

    [RedisFact]
    public async Task Node_WithTheListOfWork_WhileItIsAwayOthersTakeMessagesAndWorkIsFound()
    {
        await using var cluster = await RedisCluster.StartAsync("--appendonly", "yes");
        static void BeQuick(RedisOptions options) => options.CommandTimeout = TimeSpan.FromSeconds(1);
        await using var api = await RedisProcess.StartAsync(cluster.ConnectionString, Prefix, configure: BeQuick);
        await using var worker = await RedisProcess.StartAsync(cluster.ConnectionString, Prefix, configure: BeQuick);
        var node = await cluster.NodeOfAsync(Prefix + "work");
        var (_, session) = await SessionsAsync(cluster, node);
        using var patience = new CancellationTokenSource(TestTimeouts.Default);
        await using var signals = worker.Store.ListenAsync(patience.Token).GetAsyncEnumerator();
        var next = signals.MoveNextAsync();

        await node.KillAsync();
        var began = TimeProvider.System.GetTimestamp();
        var result = await api.Store.EnqueueAsync(Make.Request(session: session));
        var took = TimeProvider.System.GetElapsedTime(began);
        output.WriteLine($"accepted after {took.TotalMilliseconds:0} ms");

        Assert.Equal(EnqueueStatus.Accepted, result.Status);
        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(3));

        // Announced, or found on its own node where who announces could not be heard.
        RunClaim? claim = null;
        for (var isHeard = await next; claim is null; isHeard = claim is not null || await signals.MoveNextAsync())
        {
            Assert.True(isHeard);
            claim = await SteadyRun.RepeatAsync(() => worker.Store.ClaimAsync("w"));
        }

        Assert.Equal(result.RunId, claim.Request.RunId);
    }

    [RedisFact]
    public async Task Node_Killed_ItsReplicaTakesOverInTheSameAttempt()
    {
        await using var cluster = await RedisCluster.StartAsync(
            hasReplicas: true, "--cluster-node-timeout", "2000", "--repl-diskless-sync-delay", "0");
        var (_, session) = await SessionsAsync(cluster, await cluster.NodeOfAsync(Prefix + "work"));
        await using var run = await SteadyRun.BeginAsync(cluster.ConnectionString, session: session);

        // Replicas hear of a write after its answer: nothing more is written, and all that was answered has come to the replica.
        var node = await cluster.NodeOfAsync(KeyOf(session));
        await node.AskAsync("CLIENT", "PAUSE", "10000", "WRITE");
        while (!IsReplicated(await node.AskAsync("INFO", "replication")))
        {
            // The replica says each second how far it is.
        }

        await node.KillAsync();
        await run.GoOnAsync();

        await run.EndAsync();
        output.WriteLine(run.ToString());
        Assert.InRange(run.LongestPause, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10));
    }

    private static bool IsReplicated(string replication)
        => OffsetRegex().Match(replication) is { Success: true } replica
            && replication.Contains($"master_repl_offset:{replica.Groups[1].Value}\r", StringComparison.Ordinal);

    [GeneratedRegex("slave0:.*,state=online,offset=([0-9]+),")]
    private static partial Regex OffsetRegex();

    private static string KeyOf(SessionId session) => $"{Prefix}{{{session}}}:meta";

    /// <summary>A session on that node, and one on another.</summary>
    private static async Task<(SessionId On, SessionId Elsewhere)> SessionsAsync(RedisCluster cluster, RedisServer node)
    {
        SessionId? on = null, elsewhere = null;
        for (var i = 0; on is null || elsewhere is null; i++)
        {
            var session = SessionId.Parse(string.Create(CultureInfo.InvariantCulture, $"n{i}"));
            if (await cluster.NodeOfAsync(KeyOf(session)) == node)
            {
                on ??= session;
            }
            else
            {
                elsewhere ??= session;
            }
        }

        return (on.Value, elsewhere.Value);
    }
}
