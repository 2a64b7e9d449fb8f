using AgentStream.Tests.Browser;
using AgentStream.Tests.Observability.Collector;
using AgentStream.Tests.Support;
using Microsoft.Playwright;

namespace AgentStream.Tests.Observability.Dashboard;

/// <summary>What people see of a run in the Aspire dashboard.</summary>
public sealed class AspireDashboardTests(ChromiumBrowser chromium) : IClassFixture<ChromiumBrowser>
{
    private static readonly LocatorAssertionsToContainTextOptions Patience =
        new() { Timeout = (float)TestTimeouts.Default.TotalMilliseconds };

    [AspireDashboardFact]
    public async Task Run_InTheDashboard_IsOneTreeAndItsGenAIViewShowsTheConversation()
    {
        await using var dashboard = await AspireDashboard.StartAsync();
        await using var plan = await TracedPlan.StartAsync(
            dashboard.Settings, ("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "true"));
        var (traceId, status) = await plan.AskAsync("seen", TracedPlan.Question, "\"agent_name\":\"chief\"");
        Assert.Equal("completed", status);
        await plan.StopAsync();
        await using var context = await chromium.Browser.NewContextAsync();
        var page = await context.NewPageAsync();

        await page.GotoAsync(dashboard.TraceAddress(traceId));
        await Assertions.Expect(page.Locator("tr", new() { HasText = "execute_tool save_note" })).ToContainTextAsync("save_note", Patience);
        Assert.Equal(
            [
                "chat received",
                "  MSG agentstream send agentstream.runs",
                "    MSG agentstream process agentstream.runs",
                "      invoke_agent chief",
                "        MSG agentstream send agentstream.log",
                "          MSG agentstream process agentstream.log",
                "        chat scripted",
                "        execute_tool delegate",
                "          invoke_agent assistant",
                "            chat scripted",
                "            execute_tool save_note",
                "            chat scripted",
                "        chat scripted",
                "        chat scripted",
            ],
            await RowsAsync(page));

        var view = page.Locator("fluent-dialog");
        await page.GetByTitle("GenAI details").First.ClickAsync();
        await Assertions.Expect(view).ToContainTextAsync(TracedPlan.Answer, Patience);
        await Assertions.Expect(view).ToContainTextAsync(TracedPlan.Question);

        // The next ones: the chief's first reply, the assistant at work, and the assistant's first reply.
        await view.GetByText("Next", new() { Exact = true }).ClickAsync();
        await Assertions.Expect(view).ToContainTextAsync("keep it", Patience);
        await view.GetByText("Next", new() { Exact = true }).ClickAsync();
        await Assertions.Expect(view).ToContainTextAsync("invoke_agent assistant", Patience);
        await view.GetByText("Next", new() { Exact = true }).ClickAsync();
        await Assertions.Expect(view).ToContainTextAsync(TracedPlan.Thought, Patience);
        await Assertions.Expect(view).ToContainTextAsync(TracedPlan.Note);
    }

    /// <summary>The spans from top to bottom, each as far to the right as it is shown.</summary>
    private static async Task<string[]> RowsAsync(IPage page) => await page.EvaluateAsync<string[]>("""
        () => [...document.querySelectorAll('td[col-index="1"]')].map(cell => {
          const depth = parseInt(cell.querySelector('.main-grid-expand-container').style.marginLeft) / 15;
          return '  '.repeat(depth) + cell.querySelector('.span-name-container').textContent.trim();
        })
        """);
}
