using System.Text.Json;
using AgentStream.Messaging.Protocol;
using AgentStream.Tests.Wire.Fake;
using AgentStream.Tests.Worker.Running;
using AgentStream.Worker.Models;
using AgentStream.Worker.Models.Pipeline;
using AgentStream.Worker.Models.Resilience;
using AgentStream.Worker.Tools.Arguments;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentStream.Tests.Wire.Prompts;

/// <summary>The ids and arguments of calls in a prompt: each server takes them, whoever made the call.</summary>
public sealed class CallIdTests : IAsyncLifetime
{
    private const string Arguments = """{"text":"a"}""";

    private readonly TestTools _tools = new();
    private Dialect _model = null!;
    private Dialect _other = null!;
    private Dialect _claude = null!;

    public async Task InitializeAsync()
    {
        _model = await Dialect.OpenAIAsync();
        _other = await Dialect.OpenAIAsync(new() { ["MODEL_NAME"] = "other" });
        _claude = await Dialect.AnthropicAsync();
        _other.Server.Check = body => StrictPrompt.OpenAI(body) ?? NineLetters(body);
    }

    public async Task DisposeAsync()
    {
        await _model.DisposeAsync();
        await _other.DisposeAsync();
        await _claude.DisposeAsync();
    }

    [Theory]
    [InlineData("call_0123456789012345678901234567890123456789A")]
    [InlineData("functions.look:0")]
    [InlineData("chatcmpl-tool-1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed")]
    [InlineData("0")]
    [InlineData("call 1 {é}")]
    [InlineData("D681PevKs")]
    public async Task Ids_OfAnotherModel_AreSuchAsEverybodyTakes_AndItsOwnGoBackAsTheyWere(string id)
    {
        var session = new WireSession(_tools.Look());
        _model.Server.Script(_model.Calls("", (id, Arguments)), _model.Text("fine"));

        var first = await session.SayAsync(_model.Client, "one");
        var second = await session.SayAsync(_other.Client, "two");
        var third = await session.SayAsync(_claude.Client, "three");
        await session.SayAsync(_model.Client, "four");

        Assert.All([first, second, third], run => Assert.Equal(RunStatus.Completed, run.Finished!.Status));
        Assert.Equal([id, id], Ids(_model));
        Assert.Equal(id == "D681PevKs" ? id : CallIds.Short($"{id}/0"), Ids(_other)[0]);
        Assert.Equal(Ids(_other)[0], Ids(_other)[1]);
        Assert.Empty(_other.Server.Refusals);
        Assert.Empty(_claude.Server.Refusals);
    }

    [Fact]
    public async Task Ids_WithAFallbackInMidRun_AreSuchAsTheFallbackTakes()
    {
        var session = new WireSession(_tools.Look());
        _model.Server.Script(_model.Calls("", ("call_0123456789012345678901234567890123456789A", Arguments)), _model.Error(401, "no key"));
        using var both = new FallbackChatClient(
            new ResolvedModel(_model.Client, "one", "fake", "one"), new ResolvedModel(_other.Client, "two", "other", "two"),
                NullLogger.Instance);

        var run = await session.SayAsync(both, "one");

        Assert.Equal(RunStatus.Completed, run.Finished!.Status);
        Assert.All(Ids(_other), id => Assert.True(CallIds.IsShort(id), id));
    }

    [Fact]
    public async Task Ids_ThatAServerGivesAgainAndAgain_AreTold()
    {
        var session = new WireSession(_tools.Look(concurrencySafe: true));
        _model.Server.Script(_model.Calls("", ("call_0", """{"text":"a"}""")), _model.Calls("", ("call_0", """{"text":"b"}""")),
            _model.Text("fine"));

        var run = await session.SayAsync(_model.Client, "one");

        Assert.Equal(RunStatus.Completed, run.Finished!.Status);
        Assert.Equal(["look:a", "look:b"], _tools.Executed);
        Assert.Equal(["call_0", "call_0", CallIds.Short("call_0/0"), CallIds.Short("call_0/0")], Ids(_model));
        Assert.Empty(_model.Server.Refusals);
    }

    /// <summary>
    /// Whatever ids there are: each call has one of its own, its result has the same, and what a longer prompt begins with does not change.
    /// </summary>
    [Fact]
    public void Fit_AnyPrompt_HasIdsThatAreTakenAndStay()
    {
        var ids = Gen.Elements("", "call_0", "abcdefghi", "0", new string('x', 50), "functions.a:0", "é");
        var calls = from id in ids from origin in Gen.Elements("me", "you", null) select (id, origin);
        var replies = from count in Gen.Choose(1, 3) from reply in calls.ListOf(count) select reply;

        Prop.ForAll(replies.ListOf().ToArbitrary(), conversation =>
        {
            List<ChatMessage> prompt = [];
            foreach (var reply in conversation)
            {
                prompt.Add(new ChatMessage(ChatRole.Assistant, [.. reply.Select(call
                    => ReplyOrigin.Mark(ToolCallText.CreateCall(call.id, "look", "{}"), call.origin))]));
                prompt.AddRange(reply.Select((call, index) => new ChatMessage(ChatRole.Tool, [new FunctionResultContent(call.id, index)])));
            }

            var fitted = CallIds.Fit(prompt, "me").ToList();
            var made = fitted.SelectMany(message => message.Contents).OfType<FunctionCallContent>().Select(call => call.CallId).ToList();
            Assert.Equal(made.Count, made.Distinct().Count());
            Assert.Equal(made, fitted.SelectMany(message => message.Contents).OfType<FunctionResultContent>().Select(result
                => result.CallId));
            Assert.All(made.Zip(conversation.SelectMany(reply => reply)), pair => Assert.True(CallIds.IsShort(pair.First)
                || (pair.Second.origin == "me" && pair.First == pair.Second.id)));
            var half = CallIds.Fit(prompt.Take(prompt.Count / 2), "me").SelectMany(message => message.Contents)
                .OfType<FunctionCallContent>().Select(call => call.CallId).ToList();
            Assert.Equal(made.Take(half.Count), half);
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("""{"text":"a"}""")]
    [InlineData("""{ "text" :  "a" }""")]
    [InlineData("""{"text":"1.50","n":1.50e+1}""")]
    [InlineData("""{"text":"Grüße \u4e16 \/ <b>"}""")]
    [InlineData("{\n  \"text\": \"a\"\n}")]
    [InlineData("""{"text":"a","text":"b"}""")]
    public async Task Arguments_GoBackToTheByte_InTheRunAndInLaterTurns(string arguments)
    {
        var session = new WireSession(_tools.Look());
        _model.Server.Script(
            FakeReply.Stream().ToolCall(0, "c1", "look", arguments[..4]).ToolArguments(0, arguments[4..]).Finish("tool_calls")
                .Done(), _model.Text("fine"));

        await session.SayAsync(_model.Client, "one");
        Assert.Equal(arguments, SentArguments(_model));

        await session.SayAsync(_model.Client, "two");
        Assert.Equal(arguments, SentArguments(_model));

        await session.SayAsync(_other.Client, "three");
        Assert.Equal(arguments, SentArguments(_other));
    }

    [Theory]
    [InlineData("not JSON")]
    [InlineData("{\"text\":\"a")]
    [InlineData("[1]")]
    [InlineData("\"a\"")]
    [InlineData("null")]
    [InlineData("{\"text\":\"\\ud83d\"}")]
    public async Task Arguments_ThatAreNoObject_GoBackAsAnEmptyOneWithTheErrorInTheResult(string arguments)
    {
        foreach (var model in new[] { _model, _claude })
        {
            var session = new WireSession(_tools.Look());
            model.Server.Script(model.Calls("", ("c1", arguments)), model.Text("fine"));

            var run = await session.SayAsync(model.Client, "one");
            await session.SayAsync(model.Client, "two");
            await session.SayAsync(_other.Client, "three");

            Assert.Equal(RunStatus.Completed, run.Finished!.Status);
            Assert.True(Assert.Single(run.Steps, step => step.StepType == StepType.ToolResult).IsError);
            Assert.Equal("{}", SentArguments(_other));
            Assert.Contains(
                "arguments",
                _other.Server.Requests[^1].GetProperty("messages").EnumerateArray().Single(message => message.GetProperty("role")
                    .GetString() == "tool").GetProperty("content").GetString(),
                StringComparison.OrdinalIgnoreCase);
            Assert.Empty(model.Server.Refusals);
            Assert.Empty(_tools.Executed);
        }
    }

    private static string? NineLetters(JsonElement body) => Ids(body).Find(id => !CallIds.IsShort(id)) is { } id
        ? $"Tool call id was {id} but must be a-z, A-Z, 0-9, with a length of 9."
        : null;

    private static List<string> Ids(Dialect model) => Ids(model.Server.Requests[^1]);

    /// <summary>The id of each call and of each result.</summary>
    private static List<string> Ids(JsonElement body) => [.. body.GetProperty("messages").EnumerateArray().SelectMany(message =>
        message.TryGetProperty("tool_calls", out var calls) ? calls.EnumerateArray().Select(call => call.GetProperty("id").GetString()!)
        : message.TryGetProperty("tool_call_id", out var id) ? [id.GetString()!]
        : Enumerable.Empty<string>())];

    private static string SentArguments(Dialect model) => model.Server.Requests[^1].GetProperty("messages").EnumerateArray()
        .Single(message => message.TryGetProperty("tool_calls", out _)).GetProperty("tool_calls")[0].GetProperty("function")
            .GetProperty("arguments").GetString()!;
}
