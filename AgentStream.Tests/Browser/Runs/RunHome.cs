using System.Globalization;
using AgentStream.Tests.Browser.Shell;

namespace AgentStream.Tests.Browser.Runs;

/// <summary>One service for all tests of what a page shows of runs: their figures, their time, their replay.</summary>
public sealed class RunHome : ChatHome
{
    /// <summary>
    /// How many tokens the longest answer has: far more than anybody reads, or as many as <c>AGENTSTREAM_TESTS_TOKENS</c> says.
    /// </summary>
    internal static readonly int ManyTokens = int.TryParse(
        Environment.GetEnvironmentVariable("AGENTSTREAM_TESTS_TOKENS"), CultureInfo.InvariantCulture, out var asked) ? asked : 25_000;

    /// <summary>So many of them come at once, some 6,000 in a second: more than models write.</summary>
    private const int Burst = 80;

    // A round of everything that a model writes, denser than models write it; no two rounds are the same,
    // so that nothing of one can be used again for another.
    private static string[] Round(int number) =>
    [
        "## ", "Part ", $"{number}", "\n\n",
        "The ", "**quick** ", "fox ", "`jumps`", " over ", $"{number}", " lazy ", "dogs", ".", "\n\n",
        "- ", "item ", $"{number}", "\n", "- ", "more ", "of ", "it", "\n\n",
        "| ", "Name ", "| ", "Count ", "|\n", "|---", "|---", "|\n", "| ", "fox ", "| ", $"{number} ", "|\n\n",
        CodeBegins, "let ", "a ", "= ", $"{number}", "; ", "// b\n", "```\n\n",
    ];

    private const string CodeBegins = "```js\n";

    private static readonly string[] LongAnswer = [.. Enumerable.Range(1, ManyTokens).SelectMany(Round).Take(ManyTokens)];

    /// <summary>How many blocks of code the longest answer has.</summary>
    internal static int ManyTokensCodeBlocks { get; } = LongAnswer.Count(token => token == CodeBegins);

    /// <summary>How many headings.</summary>
    internal static int ManyTokensHeadings { get; } = LongAnswer.Count(token => token == "## ");

    protected override (string Name, string? Value)[] Settings =>
    [
        ("AgentStream__Agents__assistant__Approvals__0", "save_note"),
        ("AgentStream__Agents__chief__Description", "Lets others calculate."),
        ("AgentStream__Agents__chief__Instructions", "Delegate."),
        ("AgentStream__Agents__chief__Delegates__0", "analyst"),
        ("AgentStream__Models__scripted__MaxRetries", "0"),
    ];

    protected override IEnumerable<object> Scripts =>
    [
        Script("endless", [[.. LongAnswer.Select(Text).Chunk(Burst).SelectMany(burst => burst.Append(new { delay_ms = 10 }))]]),
        Script("all at once", [[.. LongAnswer.Select(Text), Text("\n\nSo far."), new { wait_for_file = "late" }, Text("\n\nThe end.")]]),
        Script(
            "held figures",
            [[Thought("Let me calculate."), Calculate()], [Text("It is "), new { wait_for_file = "figures" }, Text("forty-two.")]]),
        Script("held stop", [[Thought("Let me calculate."), Calculate()], [Text("It is "), new { wait_for_file = "never" }]]),
        Script("held word", [[new { wait_for_file = "word" }, Text("At last.")]]),
        Script("it breaks", [[Thought("Let me calculate."), Calculate()], [Text("It is "), new { fail = new { status = 400 } }]]),
        Script("a note", [[Thought("That is to be kept."), Call("save_note", new { text = "buy milk" })], [Text("So be it.")]]),
        Script("delegate", [
            [Thought("Others can do that."), Call("delegate", new { agent = "analyst", task = "multiply" })], [Text("It is forty-two.")],
        ]),
        Script("multiply", [[Thought("A product."), Calculate()], [Text("42")]]),
        new { replies = new object[][] { [Text("Hello.")] } },
    ];

    private static object Script(string when, object[][] replies) => new { when, replies };

    private static object Text(string text) => new { text };

    private static object Thought(string thought) => new { thought };

    private static object Calculate() => Call("calculator", new { expression = "6 * 7" });

    private static object Call(string name, object arguments) => new { tool_call = new { name, arguments } };
}

/// <summary>The classes that share <see cref="RunHome"/>.</summary>
[CollectionDefinition(Name)]
public sealed class RunCollection : ICollectionFixture<RunHome>
{
    public const string Name = "runs on the page";
}
