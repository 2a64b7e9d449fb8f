using AgentStream.Client;
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
    public void Screen_Steps_AreWrittenOnceAndCanNotSteerTheTerminal()
    {
        var written = new StringWriter();
        var screen = new Screen(ConsoleTo(written));

        screen.Show(new StepDelta { StepId = "a", StepType = DeltaType.Answer, Delta = "four " });
        screen.Show(new StepDelta { StepId = "a", StepType = DeltaType.Answer, Delta = "ty[\u001b[31mtwo]" });
        screen.Show(new ReasoningStep { StepId = "a", Type = StepType.FinalAnswer, Content = "four ty[two]" });
        screen.Show(new ReasoningStep { StepId = "b", Type = StepType.ToolUse, Content = "calculator({})" });
        screen.Show(
            new ReasoningStep { StepId = "c", Type = StepType.Thought, Content = "hm", ParentStepId = "b", AgentName = "analyst" });
        screen.Show(
            new RunFinished { Status = RunStatus.Completed, DurationMs = 1500, Usage = new TokenUsage { TotalTokens = 7 } });
        screen.Show(new UnknownEvent { Type = "something_new", Data = default });

        Assert.Equal(
            "answers: four ty[[31mtwo]\ncalls: calculator({})\nanalyst thinks: hm\n· completed after 1.5 s, 7 tokens\n",
            written.ToString().Replace("\r", "", StringComparison.Ordinal));
    }

    [Fact]
    public void Screen_Snapshot_CanNotSteerTheTerminal()
    {
        var written = new StringWriter();
        new Screen(ConsoleTo(written)).Show(new SnapshotReceived { Snapshot = Snapshot(Message("r1", "m1", RunStatus.Completed)) });
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
        var snapshot = Snapshot(Message("r1", "m1", RunStatus.Completed), Message("r2", "m2", RunStatus.Running));
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

    private static SessionSnapshot Snapshot(params TranscriptMessage[] messages)
        => new() { SessionId = "s", Epoch = "e", LastSeq = 1, Messages = messages };

    private static TranscriptMessage Message(string runId, string messageId, RunStatus status) => new()
    {
        Seq = 1,
        RunId = runId,
        MessageId = messageId,
        Message = "hi \u001b[31m[x]",
        AgentName = "a",
        Status = status,
    };

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
