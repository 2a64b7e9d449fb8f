using System.Buffers;
using System.Text;
using System.Text.Json;
using AgentStream.Api.Commands;
using AgentStream.Api.Wires.OpenAI.Calls;
using AgentStream.Api.Wires.OpenAI.Responses;
using AgentStream.Api.Wires.Runs;
using AgentStream.Messaging.Protocol;
using AgentStream.Tests.Api.Support;

namespace AgentStream.Tests.Api.Wires.OpenAI;

/// <summary>A response's stream, where it begins anywhere, and where a snapshot stands in for entries.</summary>
public sealed class ResponseTranslationTests
{
    private readonly ArrayBufferWriter<byte> _to = new();

    [Fact]
    public void Stream_FromAnyNumber_IsTheRestOfTheWhole()
    {
        var events = Story.Begin().Text(1, StepType.Thought, "Let ", "me.").Text(2, StepType.FinalAnswer, "It ", "is.").End().Events;
        var all = Write(New(after: null), events);
        for (var has = 0; has < all.Count; has++)
        {
            Assert.Equal(all[(has + 1)..], Write(New(OpenAIStream.NumberOf(all[has])), events));
        }
    }

    [Fact]
    public void Snapshot_OfARunThatIsOver_BringsTheEndAlone()
    {
        var events = Retold(Story.Begin().Text(1, StepType.FinalAnswer, "It is.").End().Events);

        var only = JsonElement.Parse(Assert.Single(Write(New(after: 5), events)));

        Assert.Equal(("response.completed", int.MaxValue), (only.Text("type"), only.GetProperty("sequence_number").GetInt32()));
        Assert.Equal("It is.", only.GetProperty("response").GetProperty("output")[0].GetProperty("content")[0].Text("text"));
        Assert.Equal(int.MaxValue, OpenAIStream.NumberOf(Write(New(after: null), events)[^1]));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Snapshot_OfARunUnderWay_IsAnErrorAndNeverAHole(bool beats)
    {
        var events = Story.Begin().Delta(1, DeltaType.Answer, "It ").Delta(1, DeltaType.Answer, "is.").Events;
        var translation = New(after: 5);
        Assert.Empty(Write(translation, Retold(events.Take(3))));
        Assert.False(translation.IsOver);

        if (beats)
        {
            translation.Beat(_to);
        }
        else
        {
            translation.Write(events[3], _to);
        }

        Assert.True(translation.IsOver);
        Assert.Contains("\"code\":\"invalid_cursor\"", Encoding.UTF8.GetString(_to.WrittenSpan), StringComparison.Ordinal);
    }

    [Fact]
    public void Snapshot_ToWhoHasNothing_IsAsGoodAsEntries()
    {
        var events = Story.Begin().Text(1, StepType.FinalAnswer, "It ", "is.").End().Events;
        var mixed = Write(New(after: null), [.. Retold(events.Take(3)), .. events.Skip(3)]);
        Assert.Equal(Write(New(after: null), events), mixed);
    }

    [Fact]
    public void Stream_ThatIsQuietOrBroken_SaysSo()
    {
        var translation = New(after: null);
        translation.Beat(_to);
        Assert.Equal(": \n\n", Encoding.UTF8.GetString(_to.WrittenSpan));
        translation.Break(new Refusal(ErrorCodes.ShuttingDown, "Come back."), _to);
        Assert.EndsWith(
            "event: error\ndata: {\"type\":\"error\",\"code\":\"shutting_down\",\"message\":\"Come back.\"}\n\n",
            Encoding.UTF8.GetString(_to.WrittenSpan), StringComparison.Ordinal);
        Assert.True(translation.IsOver);
    }

    private static ResponseTranslation New(int? after) => new(
        new ResponseFold("resp_1", Story.Queued, Story.Time, Story.SessionId, new RunPart()), after);

    private static List<RunEvent> Retold(IEnumerable<RunEvent> events) => [.. events.Select(one => one with { IsRetold = true })];

    private List<string> Write(ResponseTranslation translation, IEnumerable<RunEvent> events)
    {
        _to.ResetWrittenCount();
        foreach (var one in events)
        {
            translation.Write(one, _to);
        }

        List<string> all =
        [
            .. Encoding.UTF8.GetString(_to.WrittenSpan).Split('\n').Where(line => line.StartsWith("data: ", StringComparison.Ordinal))
                .Select(line => line["data: ".Length..]),
        ];
        _to.ResetWrittenCount();
        return all;
    }
}
