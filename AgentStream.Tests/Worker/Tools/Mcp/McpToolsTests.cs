using AgentStream.Messaging.Protocol;
using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Categories;
using AgentStream.Tests.Support.Processes;
using AgentStream.Tests.Worker.Models;
using AgentStream.Tests.Worker.Running;
using AgentStream.Worker.Tools;
using AgentStream.Worker.Tools.Arguments;
using Microsoft.Extensions.Logging;
using ModelContextProtocol;
using ModelContextProtocol.Server;

using McpServerOptions = AgentStream.Worker.Tools.Mcp.McpServerOptions;

namespace AgentStream.Tests.Worker.Tools.Mcp;

/// <summary>Real servers, made with the official SDK, over both transports.</summary>
[SystemTest]
public sealed class McpToolsTests
{
    public static TheoryData<string> Transports => ["stdio", "http", "http with sessions"];

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Call_AnyTransport_Works(string transport)
    {
        await using var server = await ServerAsync(transport);
        await using var home = new McpHome(("sample", OptionsOf(server)));
        await home.StartAsync();

        var reverse = await home.ToolAsync("sample_reverse");

        Assert.Equal("olleh", await reverse.CallAsync("""{"text":"hello"}"""));
        Assert.Equal("Turns a text round.", reverse.Description);
        Assert.False(reverse.TryParseArguments("{}", out _, out var error));
        Assert.Contains("'text' is missing", error, StringComparison.Ordinal);
        // Its text has annotations.
        // Of ModelContextProtocol.Core 2.4.0 a server that is asked for it answers "An error occurred."
        // (seen with McpServer over StreamServerTransport, at the package's own client; 2.3.1 answers it):
        // stay there until a version that serves both is out.
        Assert.Equal(
            "A dot:\n[an image, image/gif, 3 bytes: not shown]",
            await home.Registry.All.Single(tool => tool.Name == "sample_picture").CallAsync("{}"));
        var problem = await Assert.ThrowsAsync<ToolException>(
            () => home.Registry.All.Single(tool => tool.Name == "sample_fail").CallAsync("{}"));
        Assert.Equal("There is nothing to do.", problem.Message);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task List_ServerThatLearnsATool_IsFollowed(string transport)
    {
        await using var server = await ServerAsync(transport);
        await using var home = new McpHome(("sample", OptionsOf(server)));
        await home.StartAsync();
        var learn = await home.ToolAsync("sample_learn");

        await learn.CallAsync("{}");

        Assert.Equal("I learnt it.", await (await home.ToolAsync("sample_learnt")).CallAsync("{}"));
    }

    [Theory]
    [InlineData("http")]
    [InlineData("http with sessions")]
    public async Task Call_ServerThatReportsProgress_IsHeardBeforeItIsDone(string transport)
    {
        var heard = new TaskCompletionSource();
        var slow = McpServerTool.Create(
            async (IProgress<ProgressNotificationValue> progress) =>
            {
                progress.Report(new ProgressNotificationValue { Progress = 1, Total = 4, Message = "fetching" });
                await heard.Task.WaitAsync(TestTimeouts.Default);
                return "fetched";
            },
            new() { Name = "slow", Description = "Takes its time.", ReadOnly = true });
        await using var server = new HttpMcpServer(transport == "http with sessions", 0, slow);
        await server.StartAsync();
        await using var home = new McpHome(("sample", OptionsOf(server)));
        await home.StartAsync();
        var client = new PlannedChatClient([ToolCallText.CreateCall("c1", "sample_slow", "{}")], ["done"]);
        var harness = new LoopHarness(client, await home.ToolAsync("sample_slow"))
        {
            Kept = sessionEvent => _ = sessionEvent is StepDelta { StepType: DeltaType.ToolResult } && heard.TrySetResult(),
        };

        await harness.RunAsync().WaitAsync(TestTimeouts.Default);

        var result = Assert.Single(harness.Steps, step => step.StepType == StepType.ToolResult);
        Assert.Equal("fetching (1 of 4)\nfetched", result.Content);
        Assert.Equal(
            result.Content,
            string.Concat(harness.Log.OfType<StepDelta>().Where(delta => delta.StepId == result.StepId).Select(delta => delta.Delta)));
    }

    [Fact]
    public async Task Call_StdioServerThatReportsProgress_IsHeardBeforeItIsDoneAndCanBeCancelled()
    {
        await using var home = new McpHome(("sample", McpHome.Sample()));
        await home.StartAsync();
        var client = new PlannedChatClient([ToolCallText.CreateCall("c1", "sample_count_to", """{"limit":100,"pause_ms":500}""")]);
        LoopHarness? harness = null;
        harness = new LoopHarness(client, await home.ToolAsync("sample_count_to"))
        {
            Kept = sessionEvent =>
            {
                if (sessionEvent is StepDelta { StepType: DeltaType.ToolResult })
                {
                    harness!.Control.Cancel();
                }
            },
        };

        await harness.RunAsync().WaitAsync(TestTimeouts.Default);

        var result = Assert.Single(harness.Steps, step => step.StepType == StepType.ToolResult);
        Assert.StartsWith("counted 1 (1 of 100)\n", result.Content, StringComparison.Ordinal);
        Assert.Contains("Cancelled before it was done.", result.Content, StringComparison.Ordinal);
        Assert.Equal(RunStatus.Cancelled, harness.Finished?.Status);
        Assert.Equal(
            result.Content,
            string.Concat(harness.Log.OfType<StepDelta>().Where(delta => delta.StepId == result.StepId).Select(delta => delta.Delta)));
    }

    [Fact]
    public async Task Call_ServerDiesDuringIt_IsAReadableErrorAndTheServerComesBack()
    {
        await using var home = new McpHome(("sample", McpHome.Sample()));
        await home.StartAsync();
        var crash = await home.ToolAsync("sample_crash");
        var reverse = await home.ToolAsync("sample_reverse");

        var problem = await Assert.ThrowsAsync<ToolException>(() => crash.CallAsync("{}").WaitAsync(TestTimeouts.Default));

        Assert.Contains("'sample' was lost during the call", problem.Message, StringComparison.Ordinal);
        Assert.True(problem.InDoubt);
        Assert.Equal("cba", await AgainAsync(home, reverse));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Call_HttpServerRestarts_WorksAgain(bool withSessions)
    {
        var port = FreePorts.Take(1)[0];
        var first = new HttpMcpServer(withSessions, port);
        await first.StartAsync();
        await using var home = new McpHome(("sample", OptionsOf(first)));
        await home.StartAsync();
        var reverse = await home.ToolAsync("sample_reverse");
        await first.DisposeAsync();

        await Assert.ThrowsAsync<ToolException>(() => reverse.CallAsync("""{"text":"abc"}""").WaitAsync(TestTimeouts.Default));
        await using var second = new HttpMcpServer(withSessions, port);
        await second.StartAsync();

        Assert.Equal("cba", await AgainAsync(home, reverse));
    }

    [Fact]
    public async Task Call_LongerThanAServerMayTakeToListItsTools_IsNotBrokenOff()
    {
        var (begun, done) = (
            new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously),
            new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        var slow = McpServerTool.Create(
            async () =>
            {
                begun.TrySetResult();
                await done.Task.WaitAsync(TestTimeouts.Default);
                return "done";
            },
            new() { Name = "slow", Description = "Takes its time." });
        await using var server = new HttpMcpServer(withSessions: true, 0, slow) { IsSerial = true };
        await server.StartAsync();
        var time = new ReportingTime();
        var options = OptionsOf(server);
        await using var home = new McpHome(time, ("sample", options));
        await home.StartAsync();
        var tool = await home.ToolAsync("sample_slow");
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        server.Arrived = method => _ = method == "tools/list" && asked.TrySetResult();

        var call = tool.CallAsync("{}");
        await begun.Task.WaitAsync(TestTimeouts.Default);
        (await TimerAsync(time, options.RefreshInterval)).Fire();
        await asked.Task.WaitAsync(TestTimeouts.Default);
        (await TimerAsync(time, options.StartTimeout)).Fire();
        await Task.WhenAny(call, home.Logs.WaitForAsync(LogLevel.Debug, "busy with a call"));
        done.SetResult();

        Assert.Equal("done", await call.WaitAsync(TestTimeouts.Default));
    }

    [Theory]
    [InlineData(McpErrorCode.InvalidParams, false)]
    [InlineData(McpErrorCode.MethodNotFound, false)]
    [InlineData(McpErrorCode.InternalError, true)]
    public async Task Call_AnsweredWithAProtocolError_IsInDoubtUnlessTheErrorSaysThatNothingBegan(McpErrorCode code, bool inDoubt)
    {
        var broken = McpServerTool.Create(
            string () => throw new McpProtocolException("No.", code), new() { Name = "broken", Description = "Fails." });
        await using var server = new HttpMcpServer(withSessions: true, 0, broken);
        await server.StartAsync();
        await using var home = new McpHome(("sample", OptionsOf(server)));
        await home.StartAsync();
        var tool = await home.ToolAsync("sample_broken");

        var problem = await Assert.ThrowsAsync<ToolException>(() => tool.CallAsync("{}").WaitAsync(TestTimeouts.Default));

        Assert.Equal(inDoubt, problem.InDoubt);
    }

    [Fact]
    public async Task Call_Cancelled_EndsAtOnceAndTheConnectionStays()
    {
        var begun = new TaskCompletionSource();
        var wait = McpServerTool.Create(
            async (CancellationToken cancellationToken) =>
            {
                begun.TrySetResult();
                await new TaskCompletionSource().Task.WaitAsync(cancellationToken);
            },
            new() { Name = "wait", Description = "Waits." });
        await using var server = new HttpMcpServer(withSessions: true, 0, wait);
        await server.StartAsync();
        await using var home = new McpHome(("sample", OptionsOf(server)));
        await home.StartAsync();
        var tool = await home.ToolAsync("sample_wait");
        using var cancel = new CancellationTokenSource();

        var call = tool.InvokeAsync([], ToolCalls.Context, cancel.Token).AsTask();
        await begun.Task.WaitAsync(TestTimeouts.Default);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(TestTimeouts.Default));
        Assert.Equal("cba", await (await home.ToolAsync("sample_reverse")).CallAsync("""{"text":"abc"}"""));
    }

    [Fact]
    public async Task Start_ServerThatIsNotThere_IsAWarningAndItsToolsAreMissing()
    {
        await using var home = new McpHome(
            ("gone", new McpServerOptions { Command = "/nowhere/no-such-program" }),
            ("silent", new McpServerOptions { Url = $"http://127.0.0.1:{FreePorts.Take(1)[0]}/mcp" }),
            ("sample", McpHome.Sample()));

        await home.StartAsync();
        await home.ToolAsync("sample_reverse");

        Assert.All(home.Registry.All, tool => Assert.StartsWith("sample_", tool.Name, StringComparison.Ordinal));
        Assert.True(home.Registry.Knows("gone_anything"));
        await home.Logs.WaitForAsync(LogLevel.Warning, "MCP server gone is not there");
        await home.Logs.WaitForAsync(LogLevel.Warning, "MCP server silent is not there");
    }

    [Fact]
    public async Task Start_StdioServer_GetsOnlyTheEnvironmentItNeeds()
    {
        Environment.SetEnvironmentVariable("AGENTSTREAM_TEST_SECRET", "secret");
        Environment.SetEnvironmentVariable("AGENTSTREAM_TEST_PASSED", "passed");
        var sample = McpHome.Sample();
        sample.Environment["GIVEN"] = "given";
        sample.PassEnvironment.Add("AGENTSTREAM_TEST_PASSED");
        await using var home = new McpHome(("sample", sample));
        await home.StartAsync();
        var variable = await home.ToolAsync("sample_variable");

        Assert.Equal("(not set)", await variable.CallAsync("""{"name":"AGENTSTREAM_TEST_SECRET"}"""));
        Assert.Equal("passed", await variable.CallAsync("""{"name":"AGENTSTREAM_TEST_PASSED"}"""));
        Assert.Equal("given", await variable.CallAsync("""{"name":"GIVEN"}"""));
        Assert.NotEqual("(not set)", await variable.CallAsync("""{"name":"PATH"}"""));
    }

    [Fact]
    public async Task List_FilterAndHints_AreObeyedCarefully()
    {
        var sample = McpHome.Sample();
        sample.Tools.Add("re*");
        sample.Tools.Add("variable");
        sample.Tools.Add("crash");
        sample.RequiresApproval = true;
        await using var home = new McpHome(("sample", sample));
        await home.StartAsync();
        await home.ToolAsync("sample_reverse");

        var tools = home.Registry.All.ToDictionary(tool => tool.Name);
        Assert.Equal(["sample_crash", "sample_reverse", "sample_variable"], tools.Keys.Order(StringComparer.Ordinal));
        Assert.Equal((true, true), (tools["sample_reverse"].IsIdempotent, tools["sample_reverse"].IsConcurrencySafe));
        Assert.Equal((true, false), (tools["sample_variable"].IsIdempotent, tools["sample_variable"].IsConcurrencySafe));
        Assert.Equal((false, false), (tools["sample_crash"].IsIdempotent, tools["sample_crash"].IsConcurrencySafe));
        Assert.All(tools.Values, tool => Assert.True(tool.RequiresApproval));
    }

    [Fact]
    public async Task Http_Headers_AreSent()
    {
        await using var server = new HttpMcpServer(withSessions: true);
        await server.StartAsync();
        var options = OptionsOf(server);
        options.Headers["Authorization"] = "Bearer x";
        await using var home = new McpHome(("sample", options));
        await home.StartAsync();

        await home.ToolAsync("sample_reverse");

        Assert.Contains("Bearer x", server.Authorizations);
    }

    /// <summary>Calls until the server is there again; each attempt in between is a readable error.</summary>
    private static async Task<string> AgainAsync(McpHome home, AgentTool reverse)
    {
        while (true)
        {
            try
            {
                return await reverse.CallAsync("""{"text":"abc"}""");
            }
            catch (ToolException)
            {
                // Whatever it comes to, the connection logs it.
                await home.Logs.NextAsync();
            }
        }
    }

    /// <summary>The next timer that was set for so long.</summary>
    private static async Task<ReportedTimer> TimerAsync(ReportingTime time, TimeSpan due)
    {
        while (true)
        {
            if (await time.NextTimerAsync() is var timer && timer.Due == due)
            {
                return timer;
            }
        }
    }

    private static async Task<HttpMcpServer?> ServerAsync(string transport)
    {
        if (transport == "stdio")
        {
            return null;
        }

        var server = new HttpMcpServer(transport == "http with sessions");
        await server.StartAsync();
        return server;
    }

    private static McpServerOptions OptionsOf(HttpMcpServer? server)
        => server is null ? McpHome.Sample() : new McpServerOptions { Url = server.Url, RefreshInterval = TimeSpan.FromSeconds(1) };
}
