using AgentStream.Client;
using AgentStream.Tests.Distributed.Cluster;
using AgentStream.Tests.Docs.Packages;
using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Categories;
using AgentStream.Tests.Support.Processes;

namespace AgentStream.Tests.Docs;

/// <summary>
/// The programs of docs/build-on-it.md and of samples, built outside of the solution from packages, as a stranger would, and run.
/// </summary>
[SystemTest]
public sealed partial class BuildOnItTests(StrangersFolder folder) : IClassFixture<StrangersFolder>
{
    [Fact]
    public void Programs_OutsideOfTheSolution_AreBuiltWithoutAWarning()
        // But for the advice to install Aspire's command line.
        => Assert.DoesNotContain(
            folder.BuildOutput.Split('\n'),
            line => line.Contains(": warning ", StringComparison.Ordinal) && !line.Contains("ASPIRE010", StringComparison.Ordinal));

    [Fact]
    public async Task Programs_ThatAsk_GetTheirAnswer()
    {
        using var plan = new TemporaryDirectory();
        await File.WriteAllTextAsync(plan.File("plan.json"), """
            { "scripts": [ { "replies": [
              [ { "tool_call": { "name": "weather", "arguments": { "city": "Rome" } } } ], [ { "text": "It is warm." } ] ] } ] }
            """);
        await using var service = new StandaloneService(
            ("AgentStream__DefaultModel", "demo"),
            ("AgentStream__Models__scripted__ScriptPath", plan.File("plan.json")),
            ("AgentStream__Agents__assistant__Model", "scripted"));
        await service.StartAsync();

        var asked = await folder.RunAsync("ask", ("AGENTS", service.Api.AbsoluteUri));
        Assert.Contains("[ToolResult] 409.5", asked, StringComparison.Ordinal);
        Assert.Contains("[FinalAnswer] ", asked, StringComparison.Ordinal);

        Assert.Contains("409.5", await folder.RunAsync("chat", ("AGENTS", service.Api.AbsoluteUri)), StringComparison.Ordinal);
        Assert.Contains("It is warm.", await folder.RunAsync("tools", ("AGENTS", service.Api.AbsoluteUri)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Loops_OfThePageAndOfTheSample_Answer()
    {
        Assert.Contains("[ToolResult] 409.5", await folder.RunAsync("loop"), StringComparison.Ordinal);

        var sample = await folder.RunAsync("AgentStream.Samples.Loop");
        Assert.Contains("Thought: ", sample, StringComparison.Ordinal);
        Assert.Contains("ToolResult: 409.5", sample, StringComparison.Ordinal);
        Assert.Contains("Completed after", sample, StringComparison.Ordinal);
    }

    [RedisFact]
    public async Task Application_OfTheSample_AsksItsAgentsAndAPersonAgrees()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var application = folder.StartApplication(redis.ConnectionString);
        using var patience = new CancellationTokenSource(TestTimeouts.Default * 2);
        using var http = new HttpClient();

        // A service of the application, which finds the API by its name; an agent of the Agent Framework answers.
        var asked = new Uri(folder.Shop, "/ask?agent=dispatcher&question=ship");
        Assert.Equal("A-17 is on its way.", await ReadyAsync(http, asked, application, patience.Token));

        // The tool of the worker's own that a person has to agree to.
        using var client = new AgentStreamClient(folder.Api);
        var session = client.Session();
        AgentEvent? last = null;
        await foreach (var happened in session.AskAsync("refund", new AskOptions { Agent = "clerk" }, patience.Token))
        {
            last = happened;
            if (happened is ToolApprovalRequired asks)
            {
                await session.AnswerApprovalAsync(asks.RunId, asks.ToolCallId, approved: true, cancellationToken: patience.Token);
            }
        }

        Assert.Equal(RunStatus.Completed, Assert.IsType<RunFinished>(last).Status);
        Assert.Equal(["ship A-17", "refund A-17 12.5"], await File.ReadAllLinesAsync(folder.Orders, patience.Token));
        Assert.Contains("AgentStream", await http.GetStringAsync(folder.Pages, patience.Token), StringComparison.Ordinal);

        application.Terminate();
        Assert.Equal(0, await application.WaitForExitAsync());
    }

    // Aspire starts a service when those are there for which it waits; until then nobody listens.
    private static async Task<string> ReadyAsync(
        HttpClient http, Uri address, ServiceProcess application, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await http.GetStringAsync(address, cancellationToken);
            }
            catch (HttpRequestException) when (!application.HasExited)
            {
                await Task.Delay(200, cancellationToken);
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"The application wrote:\n{application.Output}", exception);
            }
        }
    }
}
