namespace AgentStream.Tests.Api.Wires;

/// <summary>What comes of a scripted run, whatever the wire: one table for all of them.</summary>
/// <param name="Name">What the test is called.</param>
/// <param name="Say">The message, which picks the script.</param>
/// <param name="Text">The answer.</param>
/// <param name="End"><c>completed</c>, <c>cancelled</c> or <c>failed</c>.</param>
public sealed record WireExpectation(string Name, string Say, string Text, string End = "completed")
{
    public static IReadOnlyList<WireExpectation> All { get; } =
    [
        new("text", "hello", "You said hello."),
        new("tools", WireScripts.Tools, "It is 20 °C.")
        {
            Thoughts = ["I need two tools."],
            Preambles = ["Let me look."],
            Calls = ["""weather {"city":"Rome"} = 20 °C""", "news {} = no news"],
        },
        new("approved", WireScripts.Ask, "It is saved.")
        {
            Approves = true,
            Calls = ["""save_note {"text":"milk"} = saved {"text":"milk"}"""],
        },
        new("refused", WireScripts.Ask, "It is not saved.")
        {
            Approves = false,
            Calls = ["""save_note {"text":"milk"} = refused"""],
        },
        new("failed", WireScripts.Fail, "half an ans", "failed"),
        new("cancelled", WireScripts.Stop, "I begin", "cancelled"),
        new("taken back", WireScripts.Retry, "the right one"),
        new("delegated", WireScripts.Delegate, "42.")
        {
            InnerThoughts = ["I look"],
            InnerCalls = ["search {} = found"],
            Calls = ["""delegate {"to":"researcher"} = It is 42."""],
        },
    ];

    /// <summary>A run that has its caller execute two tools. Not among the others: each wire has its own way of it.</summary>
    public static WireExpectation Client { get; } = new("client tools", WireScripts.Client, "It is 20 °C, no news.")
    {
        Preambles = ["I ask you."],
        Calls = ["""weather {"city":"Rome"} = 20 °C""", "news {} = no news"],
    };

    public static TheoryData<string> Names { get; } = [.. All.Select(one => one.Name)];

    /// <summary>What the person answers, where the run asks.</summary>
    public bool? Approves { get; init; }

    public IReadOnlyList<string> Thoughts { get; init; } = [];

    /// <summary>What streamed as an answer and turned out to be a thought before a call.</summary>
    public IReadOnlyList<string> Preambles { get; init; } = [];

    public IReadOnlyList<string> Calls { get; init; } = [];

    /// <summary>What an agent thinks inside a call of another.</summary>
    public IReadOnlyList<string> InnerThoughts { get; init; } = [];

    public IReadOnlyList<string> InnerCalls { get; init; } = [];

    public static WireExpectation Of(string name) => All.Append(Client).Single(one => one.Name == name);
}
