using AgentStream.Worker.Models;
using AgentStream.Worker.Models.Scripted;
using AgentStream.Worker.Tools.Arguments;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AgentStream.Tests.Worker.Models;

public sealed class ScriptedChatClientTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("agentstream-script-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Script_PlaysTheReplyThatTheConversationIsAt()
    {
        using var client = Client("""
            { "scripts": [
              { "when": "note", "replies": [
                [ { "thought": "hm" }, { "tool_call": { "name": "save_note", "arguments": { "text": "a" } } }, { "usage": { "input": 3, "output": 2 } } ],
                [ { "text": "done" } ] ] },
              { "replies": [ [ { "tool_call": { "name": "save_note", "arguments": "{ oops" } }, { "finish_reason": "length" } ] ] } ] }
            """);
        List<ChatMessage> conversation = [new(ChatRole.User, "Please NOTE this")];

        var first = await client.GetResponseAsync(conversation);
        conversation.AddRange(first.Messages);
        conversation.Add(new ChatMessage(ChatRole.Tool, [new FunctionResultContent("x", "Saved.")]));
        var second = await client.GetResponseAsync(conversation);
        conversation.AddRange([.. second.Messages, new(ChatRole.User, "other")]);
        var third = await client.GetResponseAsync(conversation);

        var call = first.Messages[0].Contents.OfType<FunctionCallContent>().Single();
        Assert.Equal("save_note", call.Name);
        Assert.Equal(ChatFinishReason.ToolCalls, first.FinishReason);
        Assert.Equal(5, first.Usage!.TotalTokenCount);
        Assert.Equal("done", second.Text);
        Assert.Equal("{ oops", ToolCallText.ArgumentsOf(third.Messages[0].Contents.OfType<FunctionCallContent>().Single()));
        Assert.Equal(ChatFinishReason.Length, third.FinishReason);
    }

    [Fact]
    public async Task Script_WaitsForTheTestsFile_AndTellsWhereItIs()
    {
        using var client = Client(
            """{ "scripts": [ { "replies": [ [ { "text": "a" }, { "create_file": "reached" }, { "wait_for_file": "go" }, { "text": "b" } ] ] } ] }""");

        var reply = client.GetResponseAsync([new ChatMessage(ChatRole.User, "x")]);
        await SignalFile.WaitAsync(Path.Combine(_directory, "reached"), CancellationToken.None);
        Assert.False(reply.IsCompleted);
        SignalFile.Create(Path.Combine(_directory, "go"));

        Assert.Equal("ab", (await reply).Text);
    }

    [Fact]
    public async Task Script_BreaksOnce_ThenPlaysOn()
    {
        using var provider = Services(
            """{ "scripts": [ { "replies": [ [ { "text": "partial" }, { "fail": { "once_file": "broken" } }, { "text": " whole" } ] ] } ] }""");
        var model = provider.GetRequiredService<ModelCatalog>().Resolve(null);

        await Assert.ThrowsAsync<ModelStreamBrokenException>(
            () => model.Client.GetStreamingResponseAsync([new ChatMessage(ChatRole.User, "x")]).ToChatResponseAsync());
        var again = await model.Client.GetStreamingResponseAsync([new ChatMessage(ChatRole.User, "x")]).ToChatResponseAsync();

        Assert.Equal("scripted", model.Provider);
        Assert.Equal("partial whole", again.Text);
    }

    [Fact]
    public async Task Script_FailsWithAStatus_IsRetriedAsARealOneIs()
    {
        using var provider = Services(
            """{ "scripts": [ { "replies": [ [ { "fail": { "status": 503, "retry_after": 0, "once_file": "down" } }, { "text": "up" } ] ] } ] }""");
        var model = provider.GetRequiredService<ModelCatalog>().Resolve("scripted");

        var reply = await model.Client.GetStreamingResponseAsync([new ChatMessage(ChatRole.User, "x")]).ToChatResponseAsync();

        Assert.Equal("up", reply.Text);
    }

    [Fact]
    public async Task Script_AtItsEnd_IsAnErrorThatIsNotRetried()
    {
        using var client = Client("""{ "scripts": [ { "replies": [] } ] }""");

        var failure = await Assert.ThrowsAsync<ModelException>(() => client.GetResponseAsync([new ChatMessage(ChatRole.User, "x")]));

        Assert.False(failure.IsTransient);
    }

    private ScriptedChatClient Client(string plan) => new(ScriptPlan.Parse(plan), _directory, TimeProvider.System);

    private ServiceProvider Services(string plan)
    {
        var path = Path.Combine(_directory, "plan.json");
        File.WriteAllText(path, plan);
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["AgentStream:Models:scripted:ScriptPath"] = path,
            ["AgentStream:Models:scripted:RetryDelay"] = "00:00:00.001",
        }).Build();
        return new ServiceCollection()
            .AddSingleton<IConfiguration>(configuration)
            .AddSingleton<ILoggerFactory, LoggerFactory>()
            .AddAgentModels()
            .BuildServiceProvider();
    }
}
