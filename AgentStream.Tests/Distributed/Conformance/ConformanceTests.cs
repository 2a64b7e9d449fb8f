using System.Net;
using System.Text;
using AgentStream.Conformance;
using AgentStream.Tests.Distributed.Cluster;
using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Categories;
using AgentStream.Tests.Support.Processes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace AgentStream.Tests.Distributed.Conformance;

/// <summary>
/// The suite that asks any server whether it keeps docs/protocol.md, asked of ours in each of its forms; and of one that keeps nothing.
/// </summary>
public sealed class ConformanceTests
{
    // A call, and an answer that takes a second: long enough to be cancelled on a busy machine.
    private static string Plan { get; } = $$"""
        { "scripts": [ { "replies": [
          [ { "thought": "Easy." }, { "tool_call": { "name": "calculator", "arguments": { "expression": "6*7" } } } ],
          [ {{string.Join(", ", Enumerable.Range(1, 12).Select(number => $$"""{ "delay_ms": 60 }, { "text": "{{number}} " }"""))}} ] ] } ] }
        """;

    [SystemTest]
    [Fact]
    public async Task Standalone_KeepsTheProtocol()
    {
        using var plan = new TemporaryDirectory();
        await File.WriteAllTextAsync(plan.File("plan.json"), Plan);
        await using var standalone = new StandaloneService(
            ("AgentStream__DefaultModel", "scripted"), ("AgentStream__Models__scripted__ScriptPath", plan.File("plan.json")));
        await standalone.StartAsync();
        await AskAsync(standalone.Api);
    }

    [RedisFact]
    public async Task ServersOnACluster_KeepTheProtocol()
    {
        await using var redis = await RedisCluster.StartAsync("--appendonly", "yes");
        await using var cluster = await ServiceCluster.StartAsync(
            Plan, apis: 2, workers: 1, settings: ("ConnectionStrings__redis", redis.ConnectionString));
        await AskAsync(cluster.Api);
    }

    [Fact]
    public async Task ServerThatKeepsNothing_IsFoundOutByEveryCheck()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var app = builder.Build();
        app.UseWebSockets();
        app.Run(async context =>
        {
            if (context.WebSockets.IsWebSocketRequest)
            {
                using var socket = await context.WebSockets.AcceptWebSocketAsync();
                await socket.SendAsync(
                    Encoding.UTF8.GetBytes("""{"seq":1,"type":"hello","data":{}}"""), System.Net.WebSockets.WebSocketMessageType.Text, true,
                    context.RequestAborted);
                return;
            }

            context.Response.StatusCode = (int)HttpStatusCode.Created;
            await context.Response.WriteAsJsonAsync("hello");
        });
        await app.StartAsync();
        using var output = new StringWriter();

        Assert.False(await Suite.RunAsync(new SuiteOptions { Url = new Uri(app.Urls.First()) }, output, CancellationToken.None));

        Assert.DoesNotContain("ok ", output.ToString(), StringComparison.Ordinal);
        Assert.EndsWith($"0 kept, {Suite.Checks.Count} broken\n", output.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--url says which server is asked.")]
    [InlineData("--url has no value.", "--url")]
    [InlineData("There is no option --uri.", "--uri", "http://localhost")]
    [InlineData("and not 'localhost:8000'.", "--url", "localhost:8000")]
    public void Options_ThatAreWrong_AreRefusedInASentence(string sentence, params string[] arguments)
    {
        var refusal = Assert.Throws<ArgumentException>(() => SuiteOptions.Parse(arguments));
        Assert.Contains(sentence, refusal.Message, StringComparison.Ordinal);
    }

    private static async Task AskAsync(Uri api)
    {
        using var output = new StringWriter();
        var isKept = await Suite.RunAsync(new SuiteOptions { Url = api }, output, CancellationToken.None);
        Assert.True(isKept, output.ToString());
    }
}
