using AgentStream.Tests.Wire.Fake;
using AgentStream.Worker.Models.OpenAICompatible;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.AI;

namespace AgentStream.Tests.Wire.Streams;

/// <summary>Models whose thoughts come as <c>&lt;think&gt;…&lt;/think&gt;</c> at the beginning of their text.</summary>
public sealed class TaggedThoughtsTests
{
    [Theory]
    [InlineData("<think>\nHm, 世界 😀.\n</think>\n\nYes.", "Hm, 世界 😀.\n", "Yes.")]
    [InlineData("\n <think>Hm.</think>Yes.", "Hm.", "Yes.")]
    [InlineData("<think>\n\n</think>\n\nYes.", "", "Yes.")]
    [InlineData("<think>Hm. No end", "Hm. No end", "")]
    [InlineData("<think>Hm.</thin", "Hm.</thin", "")]
    [InlineData("<think>1 < 2 </ think> </thinking></think>Yes.", "1 < 2 </ think> </thinking>", "Yes.")]
    [InlineData("<think>a</think>b<think>c</think>d", "a", "b<think>c</think>d")]
    [InlineData("Yes. <think>Hm.</think>", "", "Yes. <think>Hm.</think>")]
    [InlineData("Yes.</think>No.", "", "Yes.</think>No.")]
    [InlineData("<thinkers>Hm.</thinkers>", "", "<thinkers>Hm.</thinkers>")]
    [InlineData("<thinking>Hm.</think></thinking>\nYes.", "Hm.</think>", "Yes.")]
    [InlineData("<thought>\nHm.</thought>Yes.", "Hm.", "Yes.")]
    [InlineData("[THINK]Hm.[/THINK]Yes.", "Hm.", "Yes.")]
    [InlineData("[THIS] is text", "", "[THIS] is text")]
    [InlineData("<seed:think>Hm.</seed:think>Yes.", "Hm.", "Yes.")]
    [InlineData("◁think▷Hm.◁/think▷Yes.", "Hm.", "Yes.")]
    [InlineData("<|START_THINKING|>Hm.<|END_THINKING|>Yes.", "Hm.", "Yes.")]
    [InlineData("<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>Yes.", "Hm.", "Yes.")]
    [InlineData("<thin", "", "<thin")]
    [InlineData("<", "", "<")]
    [InlineData("\n\n", "", "\n\n")]
    [InlineData("  Yes.", "", "  Yes.")]
    [InlineData("", "", "")]
    public void Read_CutAnywhere_TellsThoughtFromAnswer(string text, string thought, string answer)
        => CutAnywhere(text, beginsInside: false, thought, answer);

    [Theory]
    [InlineData("Hm.\n</think>\n\nYes.", "Hm.\n", "Yes.")]
    [InlineData("<think>Hm.</think>Yes.", "Hm.", "Yes.")]
    [InlineData("<th is not a tag</think>Yes.", "<th is not a tag", "Yes.")]
    [InlineData("Hm. No end", "Hm. No end", "")]
    [InlineData("</think>Yes.", "", "Yes.")]
    [InlineData("<thi", "<thi", "")]
    public void Read_WhereThePromptHasOpenedTheTag_BeginsWithTheThought(string text, string thought, string answer)
        => CutAnywhere(text, beginsInside: true, thought, answer);

    [Fact]
    public void Read_AnyText_DoesNotDependOnHowItIsCut() => Prop.ForAll(
        Gen.Elements("<think>", "</think>", "[THINK]", "◁/think▷", "<", "think", ">", "/", " ", "\n", "a", "</th", "😀")
            .ListOf()
            .ToArbitrary(),
        Gen.Elements(true, false).ToArbitrary(),
        (words, beginsInside) =>
        {
            var whole = Read([string.Concat(words)], beginsInside);
            return Read(words, beginsInside) == whole
                && Read(string.Concat(words).Select(letter => letter.ToString()), beginsInside) == whole;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void Read_SpaceWithoutEnd_IsNotHeldBackForEver()
    {
        var thoughts = new TaggedThoughts("think", beginsInside: false);

        Assert.NotEmpty(Enumerable.Repeat(" ", 1000).SelectMany(thoughts.Add));
    }

    [Fact]
    public async Task Stream_WithTags_GivesThoughtsTheMomentTheyCome()
    {
        var gate = new TaskCompletionSource();
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = new WireModel(server.Reply(FakeReply.Stream()
            .Deltas("<thi", "nk>", "\n", "Let me ", "see.")
            .Wait(gate.Task)
            .Deltas("\n</", "think", ">\n", "\nIt is ", "2.")
            .Finish()
            .Usage()
            .Done()));

        var reply = new WireReply();
        await foreach (var update in model.StreamAsync(CancellationToken.None))
        {
            reply.Updates.Add(update);
            if (reply.Thought == "Let me see.")
            {
                Assert.Equal("", reply.Text);
                gate.TrySetResult();
            }
        }

        Assert.Equal(("Let me see.\n", "It is 2."), (reply.Thought, reply.Text));
        Assert.Equal(ChatFinishReason.Stop, reply.FinishReason);
        Assert.Equal(12, Assert.Single(reply.Usage).Details.TotalTokenCount);
    }

    [Fact]
    public async Task Stream_WithTagsBeforeACall_KeepsTheOrder()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = new WireModel(server.Reply(FakeReply.Stream()
            .Deltas("<think>I calculate.</th")
            .ToolCall(0, "a", "calculator", "{\"expression\":\"1+1\"}")
            .Finish("tool_calls")
            .Usage()
            .Done()));

        var reply = await model.AskAsync();

        Assert.Equal(("I calculate.</th", ""), (reply.Thought, reply.Text));
        Assert.Equal(["a calculator {\"expression\":\"1+1\"}"], reply.Calls);
        Assert.IsType<FunctionCallContent>(
            reply.Updates.SelectMany(update => update.Contents).Where(content => content is not UsageContent).Last());
    }

    [Fact]
    public async Task Stream_WhoseServerTellsThoughtsItself_LeavesTextAlone()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = new WireModel(server.Reply(
            FakeReply.Stream().Delta("""{"reasoning_content":"Hm."}""").Deltas("<think>", "is a tag", "</think>").Finish().Usage().Done()));

        var reply = await model.AskAsync();

        Assert.Equal(("Hm.", "<think>is a tag</think>"), (reply.Thought, reply.Text));
    }

    [Theory]
    [InlineData("Yes.", "</think>", "\n\n", "Yes.")]
    [InlineData("Yes.", "\n</th", "ink>\n\nYes.")]
    [InlineData("Yes.", "</think>Yes.")]
    [InlineData("Yes.", "<think>", "\n\n</think>", "\n\nYes.")]
    [InlineData("Yes.", "</thinking>Yes.")]
    [InlineData("Yes.", "[/THINK]Yes.")]
    [InlineData("", "\n\n", "</think>", "\n")]
    [InlineData("No </think> here.", "No </think> ", "here.")]
    [InlineData("</thin air", "</thin", " air")]
    public async Task Stream_WhoseServerTellsThoughtsItself_ShowsNoStrayTag(string expected, params string[] deltas)
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = new WireModel(server.Reply(
            FakeReply.Stream().Delta("""{"reasoning_content":"Hm."}""").Deltas(deltas).Finish().Usage().Done(),
            FakeReply.Stream()
                .Delta("""{"reasoning_content":"Hm."}""")
                .Deltas([.. string.Concat(deltas).Select(letter => letter.ToString())])
                .Finish()
                .Usage()
                .Done()));

        Assert.Equal(("Hm.", expected), Of(await model.AskAsync()));
        Assert.Equal(("Hm.", expected), Of(await model.AskAsync()));

        static (string Thought, string Text) Of(WireReply reply) => (reply.Thought, reply.Text);
    }

    [Fact]
    public async Task Stream_ThatTellsThoughtsTwice_ShowsNoStrayTagOfEither()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = new WireModel(server.Reply(FakeReply.Stream()
            .Delta("""{"reasoning_content":"One."}""")
            .Deltas("</think>", "\nFirst. ")
            .Delta("""{"reasoning_content":"Two."}""")
            .Deltas("</think>Second.")
            .Finish()
            .Usage()
            .Done()));

        var reply = await model.AskAsync();

        Assert.Equal(("One.Two.", "First. Second."), (reply.Thought, reply.Text));
    }

    [Fact]
    public async Task Reply_ThatComesWhole_ShowsNoStrayTag()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = new WireModel(server.Reply(FakeReply.Json(
            """{"choices":[{"message":{"role":"assistant","reasoning_content":"Hm.","content":"</think>\n\nYes."},"finish_reason":"stop"}]}""")));

        var reply = await model.AskAsync();

        Assert.Equal(("Hm.", "Yes."), (reply.Thought, reply.Text));
    }

    [Fact]
    public async Task Stream_BrokenInATag_WasNotShownAndIsAskedForAgain()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = new WireModel(server.Reply(FakeReply.Stream().Deltas("<thi").Abort(), FakeReply.Text("<think>Hm.</think>Yes.")));

        var reply = await model.AskAsync();

        Assert.Equal(("Hm.", "Yes."), (reply.Thought, reply.Text));
    }

    [Fact]
    public async Task Reply_ThatComesWhole_IsToldApartToo()
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = new WireModel(
            server.Reply(FakeReply.Error(400, "stream is not supported"), FakeReply.Whole("<think>Hm.</think>Yes.")));

        var reply = await model.AskAsync();

        Assert.Equal(("Hm.", "Yes."), (reply.Thought, reply.Text));
    }

    [Theory]
    [InlineData("ThoughtTag", "off", "<think>Hm.</think>Yes.", "", "<think>Hm.</think>Yes.")]
    [InlineData("ThoughtTag", "thought", "<thought>Hm.</thought>Yes.", "Hm.", "Yes.")]
    [InlineData("BeginsWithThought", "true", "Hm.</think>Yes.", "Hm.", "Yes.")]
    public async Task Setting_OfTheProvider_Counts(string setting, string value, string text, string thought, string answer)
    {
        await using var server = await FakeOpenAIServer.StartAsync();
        using var model = new WireModel(server.Reply(FakeReply.Text(text)), new() { [$"AgentStream:Models:openai:{setting}"] = value });

        var reply = await model.AskAsync();

        Assert.Equal((thought, answer), (reply.Thought, reply.Text));
    }

    private static void CutAnywhere(string text, bool beginsInside, string thought, string answer)
    {
        Assert.Equal((thought, answer), Read([text], beginsInside));
        for (var first = 0; first <= text.Length; first++)
        {
            for (var second = first; second <= text.Length; second++)
            {
                Assert.Equal((thought, answer), Read([text[..first], text[first..second], text[second..]], beginsInside));
            }
        }
    }

    private static (string Thought, string Answer) Read(IEnumerable<string> texts, bool beginsInside)
    {
        var thoughts = new TaggedThoughts("think", beginsInside);
        List<TextPiece> pieces = [.. texts.SelectMany(text => thoughts.Add(text).ToList()), .. thoughts.End()];
        return (Of(isThought: true), Of(isThought: false));

        string Of(bool isThought) => string.Concat(pieces.Where(piece => piece.IsThought == isThought).Select(piece => piece.Text));
    }
}
