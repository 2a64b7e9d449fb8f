using System.Diagnostics;
using System.Globalization;
using AgentStream.Tests.Simulation.Engine;
using AgentStream.Tests.Simulation.Mutants;
using AgentStream.Tests.Simulation.Nodes;

namespace AgentStream.Tests.Simulation.Scenarios;

/// <summary>What somebody who runs it asks for.</summary>
internal static class CommandLine
{
    private const string Usage = """
        Runs scenarios of the whole system on a virtual clock, with faults, and says which promises were not held.

          --seeds N       how many (default 200)
          --from N        the first seed (default 1)
          --seed N        one seed alone, with what it is and what the processes log
          --repeat        runs each seed twice and compares
          --mutations     puts bugs in on purpose, one after the other, and says how many seeds each took to be found
        """;

    public static async Task<int> RunAsync(string[] arguments)
    {
        if (arguments.Contains("--help"))
        {
            Console.WriteLine(Usage);
            return 0;
        }

        ThreadPool.GetMaxThreads(out var threads, out _);
        if (threads != 1)
        {
            await Console.Error.WriteLineAsync("The pool has to have one thread: start AgentStream.Tests.Simulation by itself.");
            return 2;
        }

        if (Number(arguments, "--seed") is { } seed)
        {
            return await ShowAsync(seed);
        }

        var from = Number(arguments, "--from") ?? 1;
        var count = Number(arguments, "--seeds") ?? 200;
        if (arguments.Contains("--mutations"))
        {
            return await FindAllAsync(from, count);
        }

        return await RunAllAsync(from, count, arguments.Contains("--repeat"));
    }

    private static async Task<int> ShowAsync(long seed)
    {
        SimLog.IsShown = true;
        var scenario = Scenario.Draw(seed);
        Console.WriteLine(scenario);
        var verdict = await Simulation.RunAsync(scenario);
        Console.WriteLine($"trace {verdict.Trace:x16}, {verdict.Lasted.TotalSeconds:0} s");
        foreach (var failure in verdict.Failures)
        {
            Console.WriteLine(failure);
        }

        return verdict.IsGood ? 0 : 1;
    }

    private static async Task<int> RunAllAsync(long from, long count, bool repeats)
    {
        var watch = Stopwatch.StartNew();
        var (counts, failed, lasted) = (new Counts(), 0, TimeSpan.Zero);
        for (var seed = from; seed < from + count; seed++)
        {
            var scenario = Scenario.Draw(seed);
            var verdict = await Simulation.RunAsync(scenario);
            counts.Add(verdict.Counts);
            lasted += verdict.Lasted;
            if (repeats && (await Simulation.RunAsync(scenario)).Trace != verdict.Trace)
            {
                Console.WriteLine($"seed {seed}: does not repeat");
                failed++;
            }

            if (!verdict.IsGood)
            {
                failed++;
                var (small, first) = await Shrinker.ShrinkAsync(scenario, verdict);
                Console.WriteLine($"seed {seed}: {first.Failures[0]}");
                Console.WriteLine($"  with {small.ToString().ReplaceLineEndings(" ")}");
            }
        }

        foreach (var (name, number) in counts.All)
        {
            Console.WriteLine($"{number,12:N0}  {name}");
        }

        Console.WriteLine(
            $"{count:N0} scenarios, {failed:N0} failed, {lasted.TotalHours:N0} hours of simulated time; "
            + $"{count / watch.Elapsed.TotalSeconds:N0} scenarios a second.");
        return failed == 0 ? 0 : 1;
    }

    private static async Task<int> FindAllAsync(long from, long count)
    {
        var missed = 0;
        foreach (var mutation in Mutations.All)
        {
            var seed = from;
            var found = false;
            while (!found && seed < from + count)
            {
                var scenario = Scenario.Draw(seed++);
                var verdict = await Simulation.RunAsync(scenario, mutation);
                found = !verdict.IsGood;
                if (found)
                {
                    Console.WriteLine($"{mutation.Name}: found by the seed number {seed - from:N0}: {verdict.Failures[0].Split('\n')[0]}");
                }
            }

            if (!found)
            {
                missed++;
                Console.WriteLine($"{mutation.Name}: not found in {count:N0} seeds");
            }
        }

        Console.WriteLine($"{Mutations.All.Count} mutations, {missed} of them not found.");
        return missed == 0 ? 0 : 1;
    }

    private static long? Number(string[] arguments, string name)
    {
        var at = Array.IndexOf(arguments, name);
        return at < 0 ? null
            : at + 1 < arguments.Length && long.TryParse(arguments[at + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? number
                : throw new ArgumentException($"{name} takes a whole number.");
    }
}
