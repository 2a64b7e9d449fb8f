using AgentStream.Api.Wires.OpenAI.Calls;
using AgentStream.Api.Wires.OpenAI.Responses;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Tests.Api.Wires.OpenAI;

/// <summary>What a response makes of a run: text is live, and what counts is the output at the end.</summary>
public sealed class ResponseFoldTests
{
    private static readonly string[] Terminal = ["response.completed", "response.failed", "response.incomplete", "error"];

    [Fact]
    public void Run_WithAThoughtAndAnAnswer_IsItsEvents()
    {
        var events = Play(
            Story.Begin().Text(1, StepType.Thought, "Let me.").Text(2, StepType.FinalAnswer, "It ", "is.").Usage().End(), out var fold);

        Assert.Equal(
        [
            "response.created", "response.in_progress",
            "response.output_item.added", "response.reasoning_summary_part.added", "response.reasoning_summary_text.delta",
            "response.reasoning_summary_text.done", "response.reasoning_summary_part.done", "response.output_item.done",
            "response.output_item.added", "response.content_part.added", "response.output_text.delta", "response.output_text.delta",
            "response.output_text.done", "response.content_part.done", "response.output_item.done", "response.completed",
        ], events.Select(one => one.Type));
        Assert.Equal("It is.", TextOf(fold.Response));
        Assert.Equal((7, 3, 2), (
            fold.Response.Usage!.TotalTokens, fold.Response.Usage.InputTokens, fold.Response.Usage.OutputTokensDetails.ReasoningTokens));
    }

    [Fact]
    public void Text_ThatWasTakenBackOrWasAThought_EndsAsAnIncompleteItemAndIsNotInTheOutput()
    {
        var events = Play(
            Story.Begin()
                .Delta(1, DeltaType.Answer, "Half an ans").Superseded(1)
                .Text(2, StepType.Thought, "Lost.").Superseded(2)
                .Delta(3, DeltaType.Answer, "I'll look.").Finished(3, StepType.Thought, "I'll look.").Usage()
                .Text(4, StepType.FinalAnswer, "It is.").End(),
            out var fold);

        Assert.Equal(
            ["incomplete", "completed", "incomplete", "completed", "completed"],
            events.Where(one => one.Type == "response.output_item.done").Select(one => one.Item!.Status));
        Assert.Equal(["reasoning", "message"], fold.Response.Output.Select(item => item.Type));
        Assert.Equal("I'll look.", fold.Response.Output[0].Summary![0].Text);
        Assert.Equal("It is.", TextOf(fold.Response));
    }

    [Fact]
    public void Thought_ThatWasTheAnswer_IsTheAnswer()
    {
        Play(Story.Begin().Delta(1, DeltaType.Thought, "It is.").Finished(1, StepType.FinalAnswer, "It is.").End(), out var fold);

        Assert.Equal(["message"], fold.Response.Output.Select(item => item.Type));
        Assert.Equal("It is.", TextOf(fold.Response));
    }

    [Theory]
    [InlineData(RunStatus.Completed, null, "response.completed", "completed")]
    [InlineData(RunStatus.Completed, true, "response.incomplete", "incomplete")]
    [InlineData(RunStatus.Failed, true, "response.failed", "failed")]
    [InlineData(RunStatus.Cancelled, true, "response.incomplete", "cancelled")]
    public void Run_HoweverItEnds_HasOneEndThatSaysHow(RunStatus status, bool? cutOff, string type, string expected)
    {
        var events = Play(
            Story.Begin().Delta(1, DeltaType.Answer, "Half").Finished(1, StepType.FinalAnswer, "Half", cutOff).End(status), out var fold);

        Assert.Equal(type, events[^1].Type);
        Assert.Single(events, one => Terminal.Contains(one.Type));
        Assert.Equal(expected, fold.Response.Status);
        Assert.Equal("Half", TextOf(fold.Response));
        Assert.Equal(status == RunStatus.Failed ? "model_auth" : null, fold.Response.Error?.Code);
        Assert.Equal(expected == "incomplete" ? "max_output_tokens" : null, fold.Response.IncompleteDetails?.Reason);
    }

    [Fact]
    public void Run_ThatEndsWithTextThatIsOpen_KeepsWhatThereWas()
    {
        var events = Play(Story.Begin().Delta(1, DeltaType.Answer, "Half").End(RunStatus.Cancelled), out var fold);

        Assert.Equal("Half", TextOf(fold.Response));
        Assert.Equal("incomplete", events[^2].Item!.Status);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20_261_201)]
    [InlineData(3)]
    public void Numbers_OfAnyRun_GrowAndAreTheSameInEachReplayFromWherever(int seed)
    {
        for (var round = 0; round < 200; round++)
        {
            var events = AnyStory(new Random(seed + round)).Events;
            var fold = New();
            var all = events.Select(one => fold.Take(one)).ToList();
            Assert.All(all, made => Assert.InRange(made.Count, 0, ResponseFold.NumbersPerEntry));
            var numbers = all.SelectMany(made => made).Select(one => one.SequenceNumber!.Value).ToList();
            Assert.Equal(0, numbers[0]);
            Assert.Equal(numbers.Distinct().Order(), numbers);

            // The first number of an entry says where it stands, whatever came before: another version may say more of those.
            for (var index = 0; index < events.Count; index++)
            {
                if (all[index] is [var first, ..])
                {
                    Assert.Equal(index * 2 * ResponseFold.NumbersPerEntry, first.SequenceNumber);
                }
            }
        }
    }

    [Fact]
    public void Run_OfAnySort_ComesToWhatStandsInItsLog()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var events = AnyStory(new Random(seed)).Events;
            var fold = New();
            var made = events.SelectMany(one => fold.Take(one)).ToList();

            var kept = events.Select(one => one.Event).OfType<ReasoningStep>().ToList();
            foreach (var gone in events.Select(one => one.Event).OfType<StepSuperseded>())
            {
                kept.RemoveAll(step => gone.StepIds.Contains(step.StepId));
            }

            Assert.Equal(
                kept.Select(step => (step.Content, step.StepType == StepType.Thought)).Order(),
                fold.Response.Output.Select(item => (
                    (item.Content ?? item.Summary)![0].Text, item.Type == "reasoning")).Order());

            // Each item begins once, ends once, and has between the two just the pieces of its text.
            foreach (var item in made.Where(one => one.Item is not null).GroupBy(one => one.OutputIndex))
            {
                Assert.Equal(["response.output_item.added", "response.output_item.done"], item.Select(one => one.Type));
                var whole = made.Single(one => one.Text is not null && one.OutputIndex == item.Key);
                Assert.Equal(whole.Text, string.Concat(
                    made.Where(one => one.Delta is not null && one.OutputIndex == item.Key).Select(one => one.Delta)));
                Assert.True(made.IndexOf(item.First()) < made.IndexOf(whole) && made.IndexOf(whole) < made.IndexOf(item.Last()));
            }
        }
    }

    private static ResponseFold New() => new("resp_1", Story.Queued, Story.Time, Story.SessionId, new RunPart());

    private static List<ResponseEvent> Play(Story story, out ResponseFold fold)
    {
        var response = New();
        var events = story.Events.SelectMany(one => response.Take(one)).ToList();
        Assert.True(response.IsOver);
        fold = response;
        return events;
    }

    private static string TextOf(ResponseBody response)
        => string.Concat(response.Output.Where(item => item.Type == "message").SelectMany(item => item.Content!).Select(part => part.Text));

    // Thoughts and answers that stream, interleaved, in the order of a log, some of them lost.
    private static Story AnyStory(Random random)
    {
        var story = Story.Begin();
        var step = 0;
        for (var reply = random.Next(1, 5); reply > 0; reply--)
        {
            var (thought, text) = (++step, ++step);
            var pieces = random.Next(0, 4);
            var begun = new Dictionary<int, string>();
            for (var piece = 0; piece < pieces; piece++)
            {
                var which = random.Next(2) == 0 ? thought : text;
                story.Delta(which, which == thought ? DeltaType.Thought : DeltaType.Answer, $"{piece} ");
                begun[which] = begun.GetValueOrDefault(which, "") + $"{piece} ";
            }

            if (random.Next(3) == 0)
            {
                story.Superseded(thought, text);
                continue;
            }

            foreach (var (which, content) in begun)
            {
                story.Finished(which, which == thought || reply > 1 ? StepType.Thought : StepType.FinalAnswer, content);
            }

            if (random.Next(5) == 0)
            {
                story.Superseded(thought, text);
            }
        }

        return story.End();
    }
}
