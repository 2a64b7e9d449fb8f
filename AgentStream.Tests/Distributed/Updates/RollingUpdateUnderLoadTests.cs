using System.Globalization;
using AgentStream.Tests.Deploy.Team;
using AgentStream.Tests.Support.Categories;
using AgentStream.Tests.Support.Processes;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace AgentStream.Tests.Distributed.Updates;

/// <summary>
/// One service after another is replaced behind nginx while people talk: nobody misses or repeats an event, no run is begun again,
/// and the longest pause is printed. With 4 people; with as many as <c>AGENTSTREAM_TESTS_PEOPLE</c> says.
/// </summary>
public sealed class RollingUpdateUnderLoadTests(ITestOutputHelper output)
{
    private const string Variable = "AGENTSTREAM_TESTS_PEOPLE";
    private const string Answer = "One two three four five six seven eight nine ten.";
    private const string Question = "Count to ten.";

    private static int People { get; } =
        int.TryParse(Environment.GetEnvironmentVariable(Variable), CultureInfo.InvariantCulture, out var people) ? people : 4;

    // Five words a second, which is how one reads.
    private static string Plan { get; } = $$"""
        { "scripts": [ { "replies": [ [ { "thought": "Easy." }, {{string.Join(", ", Answer.Split(' ').Select((word, index) =>
            $$"""{ "delay_ms": 200 }, { "text": "{{(index == 0 ? "" : " ")}}{{word}}" }"""))}} ] ] } ] }
        """;

    [UpdateFact]
    public async Task Services_ReplacedOneAfterAnotherUnderLoad_LoseAndRepeatNothing()
    {
        await using var system = await UpdatedSystem.StartAsync(Plan, People);
        using var end = new CancellationTokenSource();
        var people = Enumerable.Range(0, People)
            .Select(number => new TalkingPerson(system.Address, $"update-{number}", TimeProvider.System))
            .ToList();
        try
        {
            var talking = Task.WhenAll(people.Select(person => person.TalkAsync(Question, end.Token)));
            await Task.WhenAny(talking, Task.WhenAll(people.Select(person => person.Answered)));
            var quiet = people.Max(person => person.TakeLongestPause());
            foreach (var service in UpdatedSystem.Services)
            {
                var replacing = system.ReplaceAsync(service);
                await await Task.WhenAny(talking, replacing);
                await replacing;
                output.WriteLine($"{service} replaced: longest pause {Seconds(people.Max(person => person.TakeLongestPause()))}");
            }

            await end.CancelAsync();
            await talking;
            output.WriteLine(
                $"{People} people, {people.Sum(person => person.Asked)} messages, {people.Sum(person => person.Entries)} entries, "
                + $"{people.Sum(person => person.Reconnects)} reconnects. Longest pause before the update: {Seconds(quiet)}.");
            foreach (var person in people)
            {
                await person.CheckAsync(system.Api, Answer);
            }
        }
        finally
        {
            foreach (var person in people)
            {
                await person.DisposeAsync();
            }
        }
    }

    private static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s");

    /// <summary>A test that needs nginx and redis-server.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    [TraitDiscoverer(SystemTestDiscoverer.TypeName, SystemTestDiscoverer.AssemblyName)]
    private sealed class UpdateFactAttribute : FactAttribute, ISystemTest
    {
        public UpdateFactAttribute() => Skip = Nginx.SkipReason ?? RedisServer.SkipReason;
    }
}
