using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using AgentStream.Tests.Distributed;
using AgentStream.Tests.Support;
using Microsoft.Playwright;
using Xunit.Abstractions;

namespace AgentStream.Tests.Browser;

/// <summary>The real page on a session that a test makes up: steps of sub-agents, and more steps than anybody reads.</summary>
public sealed class ManyStepsPageTests(ChromiumBrowser chromium, ITestOutputHelper output) : IClassFixture<ChromiumBrowser>
{
    [ChromiumFact]
    public async Task Steps_OfSubAgents_AreIndentedAndTheirTroublesAreSaid()
    {
        await using var service = new StandaloneService();
        await service.StartAsync();
        var page = await OpenAsync(
            service,
            Step(0, "tool_use", "", new { tool_name = "delegate", tool_call_id = "c1", arguments = new { task = "multiply" } }),
            Step(1, "thought", "A *simple* product.", new { parent_step_id = "r-0", agent_name = "mathematician" }),
            Step(2, "tool_use", "", new { tool_name = "calculator", tool_call_id = "c2", arguments = new { }, parent_step_id = "r-1" }),
            Step(3, "tool_result", "lost", new { tool_name = "delegate", tool_call_id = "c1", duration_ms = 400, is_error = true, in_doubt = true }),
            Step(4, "final_answer", "Perhaps", new { cut_off = true }));
        await page.GetByTestId("trace-fold").ClickAsync();

        var first = await page.Locator("#step-r-0").BoundingBoxAsync();
        var nested = await page.Locator("#step-r-1").BoundingBoxAsync();
        var deeper = await page.Locator("#step-r-2").BoundingBoxAsync();
        Assert.True(first!.X < nested!.X && nested.X < deeper!.X);
        await Assertions.Expect(page.Locator("#step-r-1")).ToContainTextAsync("mathematician");
        await Assertions.Expect(page.Locator("#step-r-2")).ToContainTextAsync("No arguments");
        await Assertions.Expect(page.Locator("#step-r-3")).ToContainTextAsync("failed");
        await Assertions.Expect(page.Locator("#step-r-3")).ToContainTextAsync("in doubt");
        await Assertions.Expect(page.Locator("#step-r-3")).ToContainTextAsync("400 ms");
        await Assertions.Expect(page.Locator("#step-r-4")).ToContainTextAsync("cut off");
    }

    [ChromiumFact]
    public async Task Steps_TenThousandOfThem_AreMadeWhereTheReaderIs()
    {
        string[] types = ["thought", "tool_use", "tool_result"];
        await using var service = new StandaloneService();
        await service.StartAsync();
        var page = await OpenAsync(service, [.. Enumerable.Range(0, 10_000).Select(index => Step(index, types[index % 3], $"step **{index}**", new { tool_name = index % 3 == 0 ? null : "calculator", tool_call_id = $"c{index / 3}" }))]);
        await Assertions.Expect(page.GetByTestId("trace-fold")).ToContainTextAsync("used 3,333 tools");
        await page.GetByTestId("trace-fold").ClickAsync();
        await Assertions.Expect(page.GetByTestId("step").First).ToBeAttachedAsync();

        var slowest = await page.EvaluateAsync<double>("""
            async () => {
              let slowest = 0;
              let last = performance.now();
              for (let moved = 0; moved < 60; moved += 1) {
                scrollBy(0, 1200);
                await new Promise(requestAnimationFrame);
                const now = performance.now();
                slowest = Math.max(slowest, now - last);
                last = now;
              }
              return slowest;
            }
            """);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Slowest frame while scrolling through 10,000 steps: {slowest:0} ms"));
        await page.EvaluateAsync("scrollTo(0, document.documentElement.scrollHeight / 2)");
        await Assertions.Expect(page.GetByTestId("step").First).ToBeAttachedAsync();
        Assert.InRange(await page.GetByTestId("step").CountAsync(), 1, 9_999);

        await page.EvaluateAsync("location.hash = '#step-r-5000'");
        await Assertions.Expect(page.Locator("#step-r-5000")).ToBeInViewportAsync();
        await Assertions.Expect(page.Locator("#step-r-5000")).ToContainTextAsync("5000");
    }

    private static Dictionary<string, object?> Step(int index, string type, string content, object more)
    {
        var step = JsonSerializer.SerializeToElement(more).EnumerateObject().Where(field => field.Value.ValueKind != JsonValueKind.Null).ToDictionary(field => field.Name, field => (object?)field.Value);
        step["step_id"] = $"r-{index}";
        step["type"] = type;
        step["content"] = content;
        step["iteration"] = 1 + (index / 3);
        step["timestamp"] = 100 + (index / 10.0);
        return step;
    }

    private async Task<IPage> OpenAsync(StandaloneService service, params object[] steps)
    {
        Assertions.SetDefaultExpectTimeout((float)TestTimeouts.Default.TotalMilliseconds);
        var message = new
        {
            seq = 1,
            run_id = "r",
            message_id = "m",
            message = "a question",
            agent_name = "researcher",
            status = "completed",
            enable_reasoning = true,
            queued_at = 99,
            started_at = 100,
            finished_at = 100 + (steps.Length / 10.0),
            duration_ms = steps.Length * 100,
            iterations = 3,
            steps,
        };
        var connected = JsonSerializer.Serialize(new { type = "connected", data = new { session_id = "s", epoch = "e", last_seq = 9, resumed = false, server_time = 200 } });
        var snapshot = JsonSerializer.Serialize(new { type = "snapshot", data = new { session_id = "s", epoch = "e", last_seq = 9, trimmed_through = 0, messages = new[] { message }, has_more = false, queued_runs = Array.Empty<string>() } });
        var context = await chromium.Browser.NewContextAsync();
        var page = await context.NewPageAsync();
        await page.RouteWebSocketAsync(new Regex("/ws/chat/"), socket =>
        {
            socket.Send(connected);
            socket.Send(snapshot);
        });
        await page.GotoAsync(new Uri(service.Web, "/chat/s").ToString());
        await Assertions.Expect(page.GetByTestId("trace-fold")).ToBeVisibleAsync();
        return page;
    }
}
