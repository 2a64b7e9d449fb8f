using System.Text;
using AgentStream.Samples.Terminal;
using Spectre.Console;

namespace AgentStream.Tests.Samples;

/// <summary>What of the sample needs no server.</summary>
public sealed class TerminalTests
{
    [Fact]
    public void Arguments_All_AreRead()
    {
        Assert.True(Arguments.TryParse(
            [
                "what", "is it?", "--url", "http://localhost:9", "--agent", "researcher", "--session", "s", "--after", "e1:42",
                "--no-reasoning", "--compare",
            ],
            out var arguments,
            out _));

        Assert.Equal(
            ("what is it?", "http://localhost:9/", "researcher", "s"),
            (arguments.Question, arguments.Url.AbsoluteUri, arguments.Agent, arguments.Session));
        Assert.Equal(new Cursor("e1", 42), arguments.After);
        Assert.True(arguments.Compare);
        Assert.False(arguments.Reasoning);
    }

    [Theory]
    [InlineData("--nonsense")]
    [InlineData("--url", "localhost")]
    [InlineData("--after", "42")]
    [InlineData("--session")]
    [InlineData("--compare")]
    public void Arguments_Wrong_AreExplained(params string[] args)
    {
        Assert.False(Arguments.TryParse(args, out _, out var problem));

        Assert.Contains(args[0], problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Cursor_Frames_AreTakenOnceAndInOrder()
    {
        var (isNew, cursor) = Cursor.Follow(null, Parse("""{"type":"snapshot","data":{"epoch":"e","last_seq":4}}"""));
        Assert.Equal((true, new Cursor("e", 4)), (isNew, cursor));

        Assert.Equal((false, cursor), Cursor.Follow(cursor, Parse("""{"type":"step_delta","seq":4,"data":{}}""")));
        Assert.Equal((true, new Cursor("e", 5)), Cursor.Follow(cursor, Parse("""{"type":"step_delta","seq":5,"data":{}}""")));
        Assert.Equal((true, new Cursor("e", 9)), Cursor.Follow(cursor, Parse("""{"type":"step_delta","first_seq":5,"seq":9,"data":{}}""")));
        Assert.Equal((true, cursor), Cursor.Follow(cursor, Parse("""{"type":"heartbeat","data":{"last_seq":4}}""")));
        Assert.Throws<GapException>(() => Cursor.Follow(cursor, Parse("""{"type":"step_delta","seq":6,"data":{}}""")));
        Assert.Equal((true, new Cursor("f", 1)), Cursor.Follow(cursor, Parse("""{"type":"resync","data":{"epoch":"f","last_seq":1}}""")));
    }

    [Fact]
    public void Backoff_Attempts_WaitLongerUpToALimit()
    {
        Assert.True(Backoff.Pause(3, 0.5) > Backoff.Pause(2, 0.5));
        Assert.True(Backoff.Pause(2, 1) > Backoff.Pause(2, 0));
        Assert.Equal(TimeSpan.FromSeconds(15), Backoff.Pause(1000, 1));
    }

    [Fact]
    public void Outgoing_Frames_AreWhatTheProtocolSays()
    {
        Assert.True(Arguments.TryParse(["--agent", "researcher"], out var arguments, out _));

        Assert.Equal(
            """{"type":"chat","payload":{"message":"q","message_id":"m","agent_name":"researcher","enable_reasoning":true}}""",
            Outgoing.Chat(Outgoing.Message(arguments, "q", "m")));
        Assert.Equal("""{"type":"cancel","payload":{}}""", Outgoing.Cancel());
        Assert.Equal(
            """{"type":"tool_approval","payload":{"run_id":"r","tool_call_id":"c","approved":false,"reason":"no"}}""",
            Outgoing.Answer("r", "c", false, "no"));
    }

    [Fact]
    public void Screen_Steps_AreWrittenOnceAndCanNotSteerTheTerminal()
    {
        var written = new StringWriter();
        var screen = new Screen(ConsoleTo(written));

        screen.Show(Parse("""{"type":"step_delta","seq":1,"data":{"step_id":"a","step_type":"answer","delta":"four "}}"""));
        screen.Show(Parse("""{"type":"step_delta","seq":2,"data":{"step_id":"a","step_type":"answer","delta":"ty[\u001b[31mtwo]"}}"""));
        screen.Show(Parse("""{"type":"reasoning_step","seq":3,"data":{"step_id":"a","type":"final_answer","content":"four ty[two]"}}"""));
        screen.Show(Parse("""{"type":"reasoning_step","seq":4,"data":{"step_id":"b","type":"tool_use","content":"calculator({})"}}"""));
        screen.Show(
            Parse(
                """{"type":"reasoning_step","seq":5,"data":{"step_id":"c","parent_step_id":"b","agent_name":"analyst","type":"thought","content":"hm"}}"""));
        screen.Show(
            Parse("""{"type":"run_finished","seq":6,"data":{"status":"completed","duration_ms":1500,"usage":{"total_tokens":7}}}"""));
        screen.Show(Parse("""{"type":"something_new","seq":7,"data":{}}"""));

        Assert.Equal(
            "answers: four ty[[31mtwo]\ncalls: calculator({})\nanalyst thinks: hm\n· completed after 1.5 s, 7 tokens\n",
            written.ToString().Replace("\r", "", StringComparison.Ordinal));
    }

    [Fact]
    public void Screen_Snapshot_CanNotSteerTheTerminal()
    {
        var written = new StringWriter();
        new Screen(ConsoleTo(written))
            .Show(Parse("""{"type":"snapshot","data":{"messages":[{"message":"hi \u001b[31m[x]","steps":[]}]}}"""));
        Assert.Equal("> hi [31m[x]\n", written.ToString().Replace("\r", "", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("r1", null, "completed")]
    [InlineData("r2", null, null)]
    [InlineData(null, "m1", "completed")]
    [InlineData(null, "m2", null)]
    [InlineData(null, "m9", null)]
    [InlineData("r9", "m9", "gone")]
    public void Chat_SnapshotInPlaceOfEvents_SaysHowTheRunEnded(string? runId, string? messageId, string? expected)
    {
        var snapshot = System.Text.Json.JsonElement.Parse(
            """{"messages":[{"run_id":"r1","message_id":"m1","status":"completed"},{"run_id":"r2","message_id":"m2","status":"running"}]}""");
        Assert.Equal(expected, Chat.EndIn(snapshot, runId, messageId));
    }

    [Fact]
    public void Comparison_Table_HasBothWays()
    {
        var written = new StringWriter();
        ConsoleTo(written).Write(Comparison.TableOf(
        [
            new Measurement("streaming", TimeSpan.FromMilliseconds(20), TimeSpan.FromSeconds(2), 100, "completed"),
            new Measurement("waiting", TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2), 100, "failed"),
        ]));

        var text = written.ToString();
        Assert.Matches(@"streaming\s+.\s+20 ms\s+.\s+2000 ms\s+.\s+100\s+.\s+50\.0", text);
        Assert.Matches(@"waiting \(failed\)\s+.\s+2000 ms", text);
    }

    private static Frame Parse(string json) => Frame.Parse(Encoding.UTF8.GetBytes(json));

    private static IAnsiConsole ConsoleTo(StringWriter writer)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(writer),
        });
        console.Profile.Width = 200;
        return console;
    }
}
