using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using AgentStream.Messaging.Protocol;
using AgentStream.Tests.Messaging.Contract;
using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Processes;
using Xunit.Abstractions;

namespace AgentStream.Tests.Messaging.Redis;

/// <summary>
/// How often commands are decided again because somebody else wrote, in a session in which much happens at once.
/// For a few seconds only; for as many as <c>AGENTSTREAM_HOT_SECONDS</c> says, from 200 on, rare commands have a 99th percentile too.
/// </summary>
public sealed class HotSessionTests(ITestOutputHelper output)
{
    private static readonly int Seconds =
        int.TryParse(Environment.GetEnvironmentVariable("AGENTSTREAM_HOT_SECONDS"), CultureInfo.InvariantCulture, out var seconds)
            ? seconds
            : 8;

    // Other tests have commands decided at the same time.
    private static readonly AsyncLocal<bool> IsOfThisTest = new();

    [RedisFact]
    public async Task Commands_InAHotSession_AreDecidedInAFewTries()
    {
        await using var server = await RedisServer.StartAsync();
        await using var worker = await RedisProcess.StartAsync(server, "agentstream:a:");
        await using var api = await RedisProcess.StartAsync(server, "agentstream:a:");
        var tries = new ConcurrentBag<(string Command, long Tries)>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Name == "agentstream.redis.tries")
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        IsOfThisTest.Value = true;
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            if (IsOfThisTest.Value)
            {
                tries.Add(((string)tags[0].Value!, value));
            }
        });
        listener.Start();

        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(Seconds));
        await Task.WhenAll(WriteAsync(worker, end.Token), AskAsync(api, end.Token), CancelAsync(api, end.Token));

        foreach (var command in tries.GroupBy(one => one.Command).OrderBy(command => command.Key))
        {
            var sorted = command.Select(one => one.Tries).Order().ToList();
            var p99 = sorted[(int)Math.Ceiling(sorted.Count * 0.99) - 1];
            output.WriteLine($"{command.Key}: {sorted.Count} times, p50 {sorted[sorted.Count / 2]}, p99 {p99}, most {sorted[^1]}");

            // A command that happens a few times only has no such percentile, and on a busy machine a round trip takes as long as a window.
            Assert.InRange(p99, 1, sorted.Count >= 100 ? 3 : 20);
        }
    }

    /// <summary>
    /// Runs one after the other: a delta every 15 ms, a checkpoint now and then, a question that waits for its answer, an end.
    /// </summary>
    private static async Task WriteAsync(RedisProcess worker, CancellationToken end)
    {
        using var window = new PeriodicTimer(TimeSpan.FromMilliseconds(15));
        await worker.Store.EnqueueAsync(Make.Request("first"), CancellationToken.None);
        while (!end.IsCancellationRequested)
        {
            if (await worker.Store.ClaimAsync("w", CancellationToken.None) is not { } claim)
            {
                await window.WaitForNextTickAsync(CancellationToken.None);
                continue;
            }

            var (lease, sequence, cancelled) = (claim.Lease, 1, claim.CancelRequested);
            for (; sequence < 60 && !cancelled; sequence++)
            {
                await window.WaitForNextTickAsync(CancellationToken.None);
                var append = Make.Append(lease, sequence, Make.Delta(lease, 1, "word "));
                cancelled = (await worker.Store.AppendAsync(
                    sequence % 20 == 0 ? append with { Checkpoint = Make.Bytes("c") } : append, CancellationToken.None)).CancelRequested;
            }

            if (cancelled || claim.ClaimNumber > 1)
            {
                await worker.Store.FinishAsync(
                    Make.Append(lease, sequence), Make.Finished(cancelled ? RunStatus.Cancelled : RunStatus.Completed),
                    CancellationToken.None);
                continue;
            }

            var question = Make.Question(lease, 1, DateTimeOffset.UtcNow + TimeSpan.FromMinutes(1));
            await worker.Store.ParkAsync(Make.Park(lease, sequence, question), CancellationToken.None);
            await worker.Store.AnswerAsync(Make.Answer(lease, question), CancellationToken.None);
        }
    }

    private static async Task AskAsync(RedisProcess api, CancellationToken end)
    {
        using var half = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
        for (var number = 0; !end.IsCancellationRequested; number++)
        {
            await half.WaitForNextTickAsync(CancellationToken.None);
            await api.Store.EnqueueAsync(Make.Request($"m{number}"), CancellationToken.None);
        }
    }

    private static async Task CancelAsync(RedisProcess api, CancellationToken end)
    {
        using var second = new PeriodicTimer(TimeSpan.FromMilliseconds(1100));
        while (!end.IsCancellationRequested)
        {
            await second.WaitForNextTickAsync(CancellationToken.None);
            await api.Store.CancelAsync(Make.Session, null, "client", owner: null, CancellationToken.None);
        }
    }
}
