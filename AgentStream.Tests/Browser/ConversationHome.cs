using AgentStream.Tests.Browser.Shell;

namespace AgentStream.Tests.Browser;

/// <summary>
/// One service for all tests of the conversation: what its model plays is told apart by what is asked.
/// Held answers go on with <see cref="ChatHome.LetGoAsync"/>.
/// </summary>
public sealed class ConversationHome : ChatHome
{
    internal const string Tour =
        "# A tour\n\nSome **bold** and `code` words, see [the docs](https://example.org/docs) and "
        + "[bank.example](https://evil.example/login).\n\n"
        + "| City | Temp |\n|---|--:|\n| Berlin | 12.5 |\n\n- one\n- two\n\n```csharp\nreturn 42; // the answer\n```\n\n![a "
        + "cat](https://example.org/cat.png)\n";

    private const string Hostile =
        "<img src=x onerror=document.title='owned'><script>document.title='owned'</script>\n\n[a](javascript:document.title='owned') "
        + "[b](data:text/html,x) ![c](https://evil.example/leak.png)\n\n"
        + "<javascript:document.title='owned'> [d](https://user@evil.example) [e](/relative)\n\n```<script>\nx\n```\n";

    private const string NastyBeginning = "| City | Temp |\n|---|--:|\n| Berlin | 12.5 |\n| Par";

    private static readonly string NastyEnd =
        "is | 14 |\n\n1. one\n   - deeper\n     - deepest\n2. two\n\n   ```python\n   x = 1\n   ```\n\nFrom $5 and $10. "
            + new string('w', 400)
        + "\n\nمرحبا بالعالم\n\n- واحد\n- اثنان\n\n日本語 👩‍👩‍👧\n\n```\nnever closed\n";

    private static readonly string Paragraphs = string.Join("\n\n", Enumerable.Repeat("A paragraph.", 80)) + "\n\n";

    protected override (string Name, string? Value)[] Settings => [];

    // The first one that fits is played: the held ones before those that are a part of them.
    protected override IEnumerable<object> Scripts =>
    [
        Says("tour", Tour),
        Says("attack", Hostile),
        Script("a mark", [[Text("It is **forty"), Wait("mark"), Text("-two** of `them")]]),
        Script("nasty", [[Text(NastyBeginning), Wait("nasty"), .. NastyEnd.Chunk(5).Select(piece => Text(new string(piece)))]]),
        Calculates("held calc of the fold", Wait("fold")),
        Calculates("held calc of two", Wait("two")),
        Calculates("calc"),
        Script("a long note", [[Call("save_note", new { text = string.Join(' ', Enumerable.Range(1, 800)) })], [Text("Noted.")]]),
        Says("first", "The answer."),
        Says("other", "Another one."),
        Script("held blocks", [[Text(Paragraphs), Wait("blocks"), Text("And **more**.\n\n"), Text(Paragraphs)]]),
        Script("held long", [[Text(Paragraphs), Wait("long"), Text(Paragraphs), Text("The end.")]]),
        Says("long", Paragraphs),
        Says("", "Hello."),
    ];

    internal static object Script(string when, object[][] replies) => when.Length == 0 ? new { replies } : new { when, replies };

    internal static object Says(string when, string answer) => Script(when, [[Text(answer)]]);

    private static object Calculates(string when, params object[] before) =>
        Script(
            when,
            [[
                new { thought = "Let me *calculate*." }, Call("calculator", new { expression = "6 * 7" }),
            ], [.. before, Text("It is "), Text("forty-two.")]]);

    private static object Text(string text) => new { text };

    private static object Wait(string file) => new { wait_for_file = file };

    private static object Call(string name, object arguments) => new { tool_call = new { name, arguments } };
}
