using System.Buffers;
using System.Text;
using System.Text.Json;
using AgentStream.Api.Wires.AgUi;
using AgentStream.Api.Wires.Runs;
using AgentStream.Api.Wires.UiMessages;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;
using AgentStream.Tests.Api.Support;

namespace AgentStream.Tests.Api.Wires;

/// <summary>What each wire says of the same runs, entry by entry.</summary>
public sealed class TranslationTests
{
    private static readonly SessionId Session = SessionId.Parse("s1");

    [Theory]
    [InlineData("text", "RUN_STARTED TEXT_MESSAGE_START TEXT_MESSAGE_CONTENT*3 TEXT_MESSAGE_END RUN_FINISHED")]
    [InlineData(
        "tools",
        "RUN_STARTED REASONING_START REASONING_MESSAGE_START REASONING_MESSAGE_CONTENT*2 REASONING_MESSAGE_END REASONING_END "
            + "TEXT_MESSAGE_START TEXT_MESSAGE_CONTENT*2 TEXT_MESSAGE_END MESSAGES_SNAPSHOT "
            + "TOOL_CALL_START TOOL_CALL_ARGS TOOL_CALL_END TOOL_CALL_START TOOL_CALL_ARGS TOOL_CALL_END TOOL_CALL_RESULT*2 "
            + "TEXT_MESSAGE_START TEXT_MESSAGE_CONTENT*2 TEXT_MESSAGE_END RUN_FINISHED")]
    [InlineData("approved", "RUN_STARTED TOOL_CALL_START TOOL_CALL_ARGS TOOL_CALL_END RUN_FINISHED")]
    [InlineData("failed", "RUN_STARTED TEXT_MESSAGE_START TEXT_MESSAGE_CONTENT TEXT_MESSAGE_END RUN_ERROR")]
    [InlineData("cancelled", "RUN_STARTED TEXT_MESSAGE_START TEXT_MESSAGE_CONTENT TEXT_MESSAGE_END RUN_FINISHED")]
    [InlineData(
        "taken back",
        "RUN_STARTED REASONING_START REASONING_MESSAGE_START REASONING_MESSAGE_CONTENT REASONING_MESSAGE_END REASONING_END "
            + "TEXT_MESSAGE_START TEXT_MESSAGE_CONTENT*2 TEXT_MESSAGE_END MESSAGES_SNAPSHOT "
            + "TEXT_MESSAGE_START TEXT_MESSAGE_CONTENT*2 TEXT_MESSAGE_END RUN_FINISHED")]
    [InlineData(
        "delegated",
        "RUN_STARTED TOOL_CALL_START TOOL_CALL_ARGS TOOL_CALL_END SUBAGENT_STARTED "
            + "REASONING_START REASONING_MESSAGE_START REASONING_MESSAGE_CONTENT REASONING_MESSAGE_END REASONING_END "
            + "TOOL_CALL_START TOOL_CALL_ARGS TOOL_CALL_END TOOL_CALL_RESULT SUBAGENT_FINISHED TOOL_CALL_RESULT "
            + "TEXT_MESSAGE_START TEXT_MESSAGE_CONTENT*2 TEXT_MESSAGE_END RUN_FINISHED")]
    public async Task AgUi_OfARun_SaysItInTheseEvents(string name, string types)
    {
        var log = await WireLog.PlayAsync(WireExpectation.Of(name));

        Assert.Equal(types, Counted(Translate(log, new AgUiTranslation(new AgUiThread(Session, "s1", "r1", []), log.RunId))));
    }

    [Theory]
    [InlineData("text", "start start-step text-start text-delta*3 text-end finish-step finish")]
    [InlineData(
        "tools",
        "start start-step reasoning-start reasoning-delta*2 reasoning-end text-start text-delta*2 text-end "
            + "tool-input-available*2 tool-output-error tool-output-available text-start text-delta*2 text-end finish-step finish")]
    [InlineData("approved", "start start-step tool-input-available tool-approval-request finish-step finish")]
    [InlineData("failed", "start start-step text-start text-delta text-end finish-step error")]
    [InlineData("cancelled", "start start-step text-start text-delta text-end finish-step abort")]
    [InlineData(
        "taken back",
        "start start-step reasoning-start reasoning-delta reasoning-end text-start text-delta*2 reset-step "
            + "text-start text-delta*2 text-end finish-step finish")]
    [InlineData(
        "delegated",
        "start start-step tool-input-available tool-output-available text-start text-delta*2 text-end finish-step finish")]
    public async Task UiMessages_OfARun_SayItInTheseChunks(string name, string types)
    {
        var log = await WireLog.PlayAsync(WireExpectation.Of(name));

        Assert.Equal(types, Counted(Translate(log, new UiMessageTranslation(Session, log.RunId))));
    }

    [Fact]
    public async Task UiMessages_TakenBackInPart_SayTheRestAgain()
    {
        var log = await WireLog.PlayAsync(WireExpectation.Of("taken back"));
        var entries = log.Entries
            .Select(entry => entry.Event is StepSuperseded all ? entry with { Event = all with { StepIds = [all.StepIds[1]] } } : entry)
            .ToList();

        var types = Counted(Translate(log with { Entries = entries }, new UiMessageTranslation(Session, log.RunId)));

        Assert.Contains("reset-step reasoning-start reasoning-delta reasoning-end text-start", types, StringComparison.Ordinal);
    }

    // A response ends at its end, whatever the log says after it.
    private static List<string> Translate(WireLog log, IRunTranslation translation)
    {
        var to = new ArrayBufferWriter<byte>();
        var fold = new RunFold(log.RunId);
        translation.Begin(to);
        foreach (var entry in log.Entries)
        {
            foreach (var runEvent in fold.Take(log.Epoch, [entry]).TakeWhile(_ => !translation.IsOver))
            {
                translation.Write(runEvent, to);
            }

            if (!translation.IsOver)
            {
                translation.Pause(to);
            }
        }

        Assert.True(translation.IsOver);
        var text = Encoding.UTF8.GetString(to.WrittenSpan);
        Assert.DoesNotContain('\r', text);
        Assert.EndsWith("\n\n", text, StringComparison.Ordinal);
        return
        [
            .. from line in text.Split('\n')
               where line.StartsWith("data: {", StringComparison.Ordinal)
               select JsonElement.Parse(line["data: ".Length..]).Text("type"),
        ];
    }

    private static string Counted(List<string> types)
    {
        var counted = new List<(string Type, int Count)>();
        foreach (var type in types)
        {
            if (counted is [.., var last] && last.Type == type)
            {
                counted[^1] = (type, last.Count + 1);
            }
            else
            {
                counted.Add((type, 1));
            }
        }

        return string.Join(' ', counted.Select(one => one.Count == 1 ? one.Type : $"{one.Type}*{one.Count}"));
    }
}
