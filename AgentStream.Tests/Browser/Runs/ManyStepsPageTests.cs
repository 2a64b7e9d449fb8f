using System.Globalization;
using System.Text.RegularExpressions;
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
    public async Task Steps_OfSubAgents_AreGroupsOfTheirOwnAndTheirTroublesAreSaid()
    {
        await using var person = await home.NewPersonAsync();
        var page = await OpenAsync(home, person,
        [
            Step(
                0, "tool_use", "",
                new { tool_name = "delegate", tool_call_id = "c1", arguments = new { agent = "mathematician", task = "multiply" } }),
            Step(1, "thought", "A *simple* product.", new { parent_step_id = "r-0", agent_name = "mathematician" }),
            Step(
                2, "tool_use", "",
                new { tool_name = "delegate", tool_call_id = "c2", arguments = new { agent = "checker" }, parent_step_id = "r-0" }),
            Step(5, "tool_use", "", new { tool_name = "calculator", tool_call_id = "c3", arguments = new { }, parent_step_id = "r-2" }),
            Step(
                3, "tool_result", "lost",
                new
                {
                    tool_name = "delegate",
                    tool_call_id = "c1",
                    parent_step_id = "r-0",
                    duration_ms = 400,
                    is_error = true,
                    in_doubt = true,
                }),
            Step(4, "final_answer", "Perhaps", new { cut_off = true }),
        ]);
        await Assertions.Expect(page.GetByTestId("trace-troubles")).ToHaveTextAsync(", 1 failed");
        await page.GetByTestId("trace-fold").ClickAsync();

        // One line each, until somebody looks inside.
        var first = page.Locator("[data-call=r-0] > .call-head");
        var deeper = page.Locator("[data-call=r-2] > .call-head");
        var deepest = page.Locator("[data-call=r-5] > .call-head");
        await Assertions.Expect(deeper).ToBeHiddenAsync();
        await Assertions.Expect(first).ToHaveTextAsync(new Regex("mathematician · 1 call.*result: lost.*in doubt.*400 ms"));
        await first.Locator("button").ClickAsync();
        await Assertions.Expect(page.Locator("#step-r-1")).ToContainTextAsync("A simple product.");
        await Assertions.Expect(deeper).ToHaveTextAsync(new Regex("checker · 1 call.*no result"));
        await deeper.Locator("button").ClickAsync();
        await deepest.Locator("button").ClickAsync();
        await Assertions.Expect(page.Locator("#step-r-5")).ToContainTextAsync("No arguments");
        Assert.True(await LeftOfAsync(first) < await LeftOfAsync(deeper) && await LeftOfAsync(deeper) < await LeftOfAsync(deepest));
        await Assertions.Expect(page.Locator("#step-r-4")).ToContainTextAsync("cut off");

        static async Task<float> LeftOfAsync(ILocator row) => (await row.BoundingBoxAsync())!.X;
    }

    [ChromiumFact]
    public async Task Script_InEveryFieldOfStepsListAndAgents_IsShownAsText()
    {
        const string Script = "<img src=x onerror=document.title='owned'><script>document.title='owned'</script>\"'><b>";
        await using var person = await home.NewPersonAsync();
        object[] agents =
        [
            new
            {
                name = Script,
                description = Script,
                model = Script,
                tools = new[] { new { name = Script, description = Script, idempotent = true, approval = false } },
                missing_tools = new[] { new { name = Script, reason = Script } },
            },
        ];
        var sessions = new
        {
            sessions = new[]
            {
                new
                {
                    session_id = "s", owner = Script, title = Script, created_at = 1.0, updated_at = 2.0, last_seq = 9, messages = 1,
                    busy = false,
                },
            },
        };
        await AnswerAsync("/api/agents", agents);
        await AnswerAsync("/api/sessions", sessions);
        var page = await OpenAsync(home, person,
        [
            Step(0, "thought", Script, new { agent_name = Script }),
            Step(
                1, "tool_use", Script,
                new { tool_name = Script, tool_call_id = "c1", arguments = new Dictionary<string, string> { [Script] = Script } }),
            Step(2, "tool_result", Script, new { tool_name = Script, tool_call_id = "c1", duration_ms = 1, is_error = true }),
            Step(3, "error", Script, new { }),
            Step(4, "final_answer", Script, new { agent_name = Script }),
        ]);
        await page.GetByTestId("trace-fold").ClickAsync();
        await page.Locator("[data-call=r-1] > .call-head button").First.ClickAsync();

        await Assertions.Expect(page.GetByTestId("answer")).ToContainTextAsync("onerror");
        await Assertions.Expect(page.Locator("img[src=x], #conversation img, #conversation b, #conversation script")).ToHaveCountAsync(0);
        Assert.NotEqual("owned", await page.TitleAsync());

        Task AnswerAsync(string path, object answer) => person.RouteAsync(
            url => new Uri(url).AbsolutePath == path, route => route.FulfillAsync(new()
            {
                Json = answer,
                Headers = [KeyValuePair.Create("Access-Control-Allow-Origin", "*")],
            }));
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
        await Assertions.Expect(page.GetByTestId("trace-fold")).ToContainTextAsync("3,333 calls");
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
        await page.GetByTestId("trace-open").ClickAsync();
        await Assertions.Expect(page.GetByTestId("trace-row").First).ToBeVisibleAsync();
        Assert.InRange(await page.GetByTestId("trace-row").CountAsync(), 1, 100);

        // A call and its result are one row, in the order of the calls.
        Assert.All(
            await page.GetByTestId("call").EvaluateAllAsync<string[]>(
                "calls => calls.map(call => [...call.querySelectorAll('[data-step-id]')].map(step => step.dataset.stepType).join())"),
            pair => Assert.Equal("tool_use,tool_result", pair));
    }
}
