using System.Diagnostics;
using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AgentStream.Benchmarks.Inside;

/// <summary>Runs that append deltas as fast as a build's store takes them, each the next one when the one before was answered.</summary>
/// <remarks>It runs in a process of that build, so that it is the build's own store, client and settings that are measured.</remarks>
internal static class AppendLoad
{
    public const string Ready = "appends a second: ";
    public const string Redis = "ConnectionStrings:redis";
    public const string Embedded = "AgentStream:DataDirectory";
    public const string Text = "word ";
    private static readonly TimeSpan Warm = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(5);

    /// <param name="store">The setting that says where the store is.</param>
    /// <param name="place">Where it is.</param>
    /// <param name="runs">The number of runs.</param>
    public static async Task RunAsync(string store, string place, int runs)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration[store] = place;
        builder.AddAgentStreamMessaging();
        using var host = builder.Build();
        await host.StartAsync();
        var log = host.Services.GetRequiredService<ISessionLog>();
        var queue = host.Services.GetRequiredService<IRunQueue>();
        for (var number = 0; number < runs; number++)
        {
            await queue.EnqueueAsync(new RunRequest
            {
                SessionId = SessionId.Parse($"appends-{number}"),
                RunId = RunId.Parse($"{Guid.NewGuid():n}"),
                MessageId = MessageId.Parse($"m{number}"),
                Owner = PrincipalId.Anonymous,
                Message = "Say something.",
                AgentName = "assistant",
            });
        }

        List<RunLease> leases = [];
        while (leases.Count < runs)
        {
            if (await queue.ClaimAsync("benchmark") is { } claim)
            {
                leases.Add(claim.Lease);
            }
        }

        await ReportAsync(leases, async (lease, number) => await log.AppendAsync(new RunAppend
        {
            Lease = lease,
            Sequence = number,
            Events =
            [
                new StepDelta { StepId = StepId.Create(lease.RunId, 1, 1), StepType = DeltaType.Answer, Delta = Text, Iteration = 1 },
            ],
        }) is { Status: AppendStatus.Appended });
    }

    /// <summary>Appends to each of them, warm first, writes how many appends a second there were, and stays.</summary>
    /// <param name="runs">What to append to.</param>
    /// <param name="append">Appends once, for the n-th time, counted from 1; false: it was refused.</param>
    public static async Task ReportAsync<TRun>(IEnumerable<TRun> runs, Func<TRun, long, Task<bool>> append)
    {
        var appended = 0L;
        var isOver = false;
        var all = runs.Select(run => Task.Run(async () =>
        {
            for (var number = 1L; !Volatile.Read(ref isOver); number++)
            {
                if (!await append(run, number))
                {
                    throw new InvalidOperationException("An append was refused.");
                }

                Interlocked.Increment(ref appended);
            }
        })).ToList();
        await Task.Delay(Warm);
        var before = Interlocked.Read(ref appended);
        var began = Stopwatch.GetTimestamp();
        await Task.Delay(Measured);
        var perSecond = (Interlocked.Read(ref appended) - before) / Stopwatch.GetElapsedTime(began).TotalSeconds;
        Volatile.Write(ref isOver, true);
        await Task.WhenAll(all);
        Console.WriteLine($"{Ready}{(long)perSecond}");

        // Whoever measures looks at the process before it ends it.
        await Task.Delay(Timeout.Infinite);
    }
}
