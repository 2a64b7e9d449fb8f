using System.Buffers;
using System.Text;
using System.Text.Json;
using AgentStream.Api.Commands;
using AgentStream.Api.Wires.OpenAI.Calls;
using AgentStream.Api.Wires.OpenAI.Chat;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Tests.Api.Wires.OpenAI;

/// <summary>What a chat completion makes of a run: on this wire nothing can be taken back.</summary>
public sealed class ChatFoldTests
{
    private const string Head = """
        {"id":"chatcmpl-0197aa","object":"chat.completion.chunk","created":1800000000,"model":"researcher","choices":
        """;

    [Fact]
    public void Run_WithAThoughtAndAnAnswer_IsItsPieces()
    {
        var story = Story.Begin().Text(1, StepType.Thought, "Let ", "me.").Text(2, StepType.FinalAnswer, "It ", "is.").Usage().End();

        Assert.Equal(
        [
            Head + """[{"index":0,"delta":{"role":"assistant","content":""}}]}""",
            Head + """[{"index":0,"delta":{"reasoning_content":"Let me."}}]}""",
            Head + """[{"index":0,"delta":{"content":"It is."}}]}""",
            Head + """[{"index":0,"delta":{},"finish_reason":"stop"}]}""",
            "[DONE]",
        ], Play(story));
    }

    [Fact]
    public void Usage_WhereItIsAskedFor_ComesLast()
        => Assert.Equal(
            Head + """
                [],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7,"prompt_tokens_details":{"cached_tokens":1},"completion_tokens_details":{"reasoning_tokens":2}}}
                """,
            Play(Story.Begin().Text(1, StepType.FinalAnswer, "Hi").End(), includeUsage: true)[^2]);

    [Fact]
    public void Text_ThatWasTakenBackOrWasAThought_IsNotInTheAnswer()
    {
        var story = Story.Begin()
            .Delta(1, DeltaType.Answer, "Half an ans").Superseded(1)
            .Text(2, StepType.Thought, "Lost.").Superseded(2)
            .Delta(3, DeltaType.Answer, "I'll look.").Finished(3, StepType.Thought, "I'll look.").Usage()
            .Text(4, StepType.Thought, "I have it.").Text(5, StepType.FinalAnswer, "It is.").End();

        var pieces = Play(story);
        Assert.Equal("It is.", Together(pieces, "content"));
        Assert.Equal("I'll look.\n\nI have it.", Together(pieces, "reasoning_content"));
    }

    [Fact]
    public void Thoughts_AreShownWhenTheirReplyIsKept_NotOnlyAtTheEnd()
    {
        var translation = New();
        var shown = new List<bool>();
        foreach (var told in Story.Begin().Text(1, StepType.Thought, "Let me.").Usage().Events)
        {
            var to = new ArrayBufferWriter<byte>();
            translation.Write(told, to);
            shown.Add(Encoding.UTF8.GetString(to.WrittenSpan).Contains("Let me.", StringComparison.Ordinal));
        }

        Assert.Equal([false, false, false, false, true], shown);
    }

    [Fact]
    public void Steps_OfToolsAndOfOtherAgents_AreTheAgentsOwnAffair()
    {
        var story = Story.Begin()
            .Finished(1, StepType.ToolUse, "delegate").Delta(2, DeltaType.Thought, "inside", parent: 1)
            .Finished(2, StepType.Thought, "inside", parent: 1).Usage().Finished(3, StepType.ToolResult, "42")
            .Text(4, StepType.FinalAnswer, "It is.").End();

        Assert.Equal(4, Play(story).Count);
        Assert.Equal("", Together(Play(story), "reasoning_content"));
    }

    [Theory]
    [InlineData(RunStatus.Failed, """{"error":{"message":"There is no key: set one.","type":"run_failed","code":"model_auth"}}""")]
    [InlineData(RunStatus.Cancelled, """{"error":{"message":"The run was cancelled.","type":"run_failed","code":"cancelled"}}""")]
    public void Run_WithoutAnAnswer_EndsWithAnErrorAndNothingElse(RunStatus status, string error)
    {
        var pieces = Play(Story.Begin().Finished(1, StepType.FinalAnswer, "Half", cutOff: true).End(status));

        Assert.Equal(error, pieces[^1]);
        Assert.Equal("Half", Together(pieces, "content"));
        Assert.DoesNotContain(pieces, piece => piece.Contains("finish_reason", StringComparison.Ordinal));
    }

    [Fact]
    public void Answer_ThatReachedTheModelsLimit_SaysSo()
        => Assert.Contains(
            "\"finish_reason\":\"length\"",
            Play(Story.Begin().Finished(1, StepType.FinalAnswer, "Half", cutOff: true).End())[^2], StringComparison.Ordinal);

    [Fact]
    public void Stream_ThatEndsBeforeItsRun_SaysWhy()
    {
        var translation = New();
        var to = new ArrayBufferWriter<byte>();
        translation.Break(new Refusal(ErrorCodes.ShuttingDown, "Come back."), to);

        Assert.True(translation.IsOver);
        Assert.Equal(
            "data: {\"error\":{\"message\":\"Come back.\",\"type\":\"server_error\",\"code\":\"shutting_down\"}}\n\n",
            Encoding.UTF8.GetString(to.WrittenSpan));
    }

    [Fact]
    public void Live_ShowsTextAsItComesWithBlankLinesBetween()
    {
        var story = Story.Begin().Text(1, StepType.Thought, "Let ", "me.")
            .Delta(2, DeltaType.Answer, "I'll ").Delta(2, DeltaType.Answer, "look.").Finished(2, StepType.Thought, "I'll look.").Usage()
            .Text(3, StepType.Thought, "Well.").Text(4, StepType.FinalAnswer, "It ", "is.").End();

        var pieces = Play(story, isLive: true);
        Assert.Equal("I'll look.\n\nIt is.", Together(pieces, "content"));
        Assert.Equal("Let me.\n\nWell.", Together(pieces, "reasoning_content"));
        Assert.Equal(10, pieces.Count);
        Assert.Equal("[DONE]", pieces[^1]);
    }

    [Fact]
    public void Live_WhereTextIsLostThatWasShown_EndsWithAnError()
    {
        var pieces = Play(
            Story.Begin().Delta(1, DeltaType.Answer, "Half").Superseded(1).Text(2, StepType.FinalAnswer, "It is.").End(), isLive: true);
        Assert.Contains("\"code\":\"text_lost\"", pieces[^1], StringComparison.Ordinal);
        Assert.Equal("Half", Together(pieces, "content"));
    }

    [Fact]
    public void Live_WhereTheAnswerStreamedAsAThought_HasItAsTheAnswer()
        => Assert.Equal("It is.", Together(
            Play(Story.Begin().Delta(1, DeltaType.Thought, "It is.").Finished(1, StepType.FinalAnswer, "It is.").End(), isLive: true),
            "content"));

    private static ChatTranslation New(bool includeUsage = false, bool isLive = false)
    {
        var pieces = new ChatPieces(Story.RunId, Story.Time, includeUsage);
        return new(isLive ? new LiveChatFold(pieces) : new SettledChatFold(pieces), Story.SessionId, new RunPart());
    }

    private static List<string> Play(Story story, bool includeUsage = false, bool isLive = false)
    {
        var translation = New(includeUsage, isLive);
        var to = new ArrayBufferWriter<byte>();
        foreach (var told in story.Events.TakeWhile(_ => !translation.IsOver))
        {
            translation.Write(told, to);
        }

        Assert.True(translation.IsOver);
        var text = Encoding.UTF8.GetString(to.WrittenSpan);
        Assert.EndsWith("\n\n", text, StringComparison.Ordinal);
        return [.. text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(line => line["data: ".Length..])];
    }

    private static string Together(IEnumerable<string> pieces, string field) => string.Concat(
        from piece in pieces
        where piece.StartsWith("{\"id\"", StringComparison.Ordinal)
        from choice in JsonElement.Parse(piece).GetProperty("choices").EnumerateArray()
        where choice.GetProperty("delta").TryGetProperty(field, out _)
        select choice.GetProperty("delta").GetProperty(field).GetString());
}
