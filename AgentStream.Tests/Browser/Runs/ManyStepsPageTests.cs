using System.Globalization;
using AgentStream.Tests.Browser.Traces;
using Microsoft.Playwright;
using Xunit.Abstractions;
using static AgentStream.Tests.Browser.Runs.MadeUpSession;

namespace AgentStream.Tests.Browser.Runs;

/// <summary>The real page on a session that a test makes up: steps of sub-agents, and more steps than anybody reads.</summary>
[Collection(RunCollection.Name)]
public sealed class ManyStepsPageTests(RunHome home, ITestOutputHelper output)
{
    [ChromiumFact]
    public async Task Steps_OfSubAgents_AreIndentedAndTheirTroublesAreSaid()
    {
        await using var person = await home.NewPersonAsync();
        var page = await OpenAsync(home, person,
        [
            Step(0, "tool_use", "", new { tool_name = "delegate", tool_call_id = "c1", arguments = new { task = "multiply" } }),
            Step(1, "thought", "A *simple* product.", new { parent_step_id = "r-0", agent_name = "mathematician" }),
            Step(2, "tool_use", "", new { tool_name = "calculator", tool_call_id = "c2", arguments = new { }, parent_step_id = "r-1" }),
            Step(
                3, "tool_result", "lost",
                new { tool_name = "delegate", tool_call_id = "c1", duration_ms = 400, is_error = true, in_doubt = true }),
            Step(4, "final_answer", "Perhaps", new { cut_off = true }),
        ]);
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
        await using var person = await home.NewPersonAsync();
        var page = await OpenAsync(
            home, person,
            [.. Enumerable.Range(
                0,
                10_000)
                    .Select(
                        index => Step(
                            index, types[index % 3], $"step **{index}**",
                            new { tool_name = index % 3 == 0 ? null : "calculator", tool_call_id = $"c{index / 3}" }))]);
        await Assertions.Expect(page.GetByTestId("trace-fold")).ToContainTextAsync("used 3,333 tools");
        await page.GetByTestId("trace-fold").ClickAsync();
        await Assertions.Expect(page.GetByTestId("step").First).ToBeAttachedAsync();

        var trace = await BrowserTrace.StartAsync(page);
        var frames = await page.EvaluateAsync<double[]>("""
            async () => {
              const frames = [];
              let last = await new Promise(requestAnimationFrame);
              for (let moved = 0; moved < 120; moved += 1) {
                scrollBy(0, 1200);
                const now = await new Promise(requestAnimationFrame);
                frames.push(now - last);
                last = now;
              }
              return frames.sort((a, b) => a - b);
            }
            """);
        var tasks = await trace.StopAsync("10000-steps");
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Scrolling through 10,000 steps: a frame each {frames[frames.Length / 2]:0.0} ms (median), "
                + $"{frames[frames.Length * 95 / 100]:0.0} ms (19 of 20), {frames[^1]:0.0} ms (slowest); {tasks}"));
        await page.EvaluateAsync("scrollTo(0, document.documentElement.scrollHeight / 2)");
        await Assertions.Expect(page.GetByTestId("step").First).ToBeAttachedAsync();
        Assert.InRange(await page.GetByTestId("step").CountAsync(), 1, 9_999);

        await page.EvaluateAsync("location.hash = '#step-r-5000'");
        await Assertions.Expect(page.Locator("#step-r-5000")).ToBeInViewportAsync();
        await Assertions.Expect(page.Locator("#step-r-5000")).ToContainTextAsync("5000");
    }
}
