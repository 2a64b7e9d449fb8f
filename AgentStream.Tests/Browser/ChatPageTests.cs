using System.Text.RegularExpressions;
using AgentStream.Tests.Distributed.Cluster;
using AgentStream.Tests.Support;
using Microsoft.Playwright;

namespace AgentStream.Tests.Browser;

/// <summary>The real page in a real browser on the real service.</summary>
public sealed class ChatPageTests(ChromiumBrowser chromium) : IClassFixture<ChromiumBrowser>
{
    private const string Plan = """
        {
          "scripts": [
            {
              "when": "slowly",
              "replies": [
                [
                  { "thought": "Let me calculate." },
                  { "tool_call": { "name": "calculator", "arguments": { "expression": "6 * 7" } } }
                ],
                [
                  { "text": "It " }, { "text": "is " },
                  { "wait_for_file": "go" },
                  { "text": "forty-" }, { "text": "two." }
                ]
              ]
            },
            { "when": "<b>", "replies": [ [ { "text": "<img src=x onerror=document.title='owned'> & <b>bold</b>" } ] ] }
          ]
        }
        """;

    [ChromiumFact]
    public async Task Ask_OnTheRealPage_ShowsTheStepsWithIconAndWord()
    {
        await using var service = new StandaloneService();
        await service.StartAsync();
        var page = await OpenAsync(service);

        await AskAsync(page, "What is 17.5% of 2,340?");

        await Assertions.Expect(page.GetByTestId("answer")).ToContainTextAsync("409.5", Patient());
        var types = await page.GetByTestId("step")
            .EvaluateAllAsync<string[]>("steps => [...new Set(steps.map(step => step.dataset.stepType))]");
        Assert.Equal(["thought", "tool_use", "tool_result", "final_answer"], types);
        foreach (var (type, icon, word) in new[]
        {
            ("thought", "💭", "Thought"),
            ("tool_use", "🔧", "Tool"),
            ("tool_result", "📊", "result"),
            ("final_answer", "✅", "answer"),
        })
        {
            var step = page.Locator($"[data-testid=step][data-step-type={type}]").First;
            await Assertions.Expect(step).ToContainTextAsync(icon);
            await Assertions.Expect(step).ToContainTextAsync(word, new() { IgnoreCase = true });
        }

        await Assertions.Expect(page.GetByTestId("run")).ToHaveAttributeAsync("data-status", "completed");
    }

    [ChromiumFact]
    public async Task Reload_InTheMiddleOfTheAnswer_ShowsEveryTokenOnce()
    {
        using var plan = new TemporaryDirectory();
        await using var service = await StartScriptedAsync(plan);
        var page = await OpenAsync(service);
        await AskAsync(page, "slowly please");
        var streaming = page.Locator("[data-testid=step]").Last;
        await Assertions.Expect(streaming).ToContainTextAsync("It is", Patient());

        await page.ReloadAsync();
        await Assertions.Expect(page.Locator("[data-testid=step]").Last).ToContainTextAsync("It is", Patient());
        await File.WriteAllTextAsync(plan.File("go"), "");

        await Assertions.Expect(page.GetByTestId("answer")).ToHaveTextAsync("It is forty-two.", new() { Timeout = Patient().Timeout });
        Assert.Equal(1, await page.GetByTestId("run").CountAsync());
        Assert.Equal(4, await page.GetByTestId("step").CountAsync());
    }

    [ChromiumFact]
    public async Task ServiceKilled_InTheMiddleOfTheAnswer_PageComesBackByItselfAndShowsEveryTokenOnce()
    {
        using var plan = new TemporaryDirectory();
        await using var service = await StartScriptedAsync(plan);
        var page = await OpenAsync(service);
        await AskAsync(page, "slowly please");
        await Assertions.Expect(page.Locator("[data-testid=step]").Last).ToContainTextAsync("It is", Patient());

        await service.Process.KillAsync();
        await Assertions.Expect(page.GetByTestId("connection-state"))
            .Not.ToHaveAttributeAsync("data-state", "connected", new() { Timeout = Patient().Timeout });
        await Assertions.Expect(page.GetByTestId("connection-state")).ToContainTextAsync("Reconnecting", Patient());
        await Assertions.Expect(page.GetByTestId("reconnect-now")).ToBeVisibleAsync(new() { Timeout = Patient().Timeout });
        await page.GetByTestId("message-input").FillAsync("What is <b> here?");
        await page.GetByTestId("send").ClickAsync();
        await service.StartAsync();
        await File.WriteAllTextAsync(plan.File("go"), "");

        // What was written while offline was sent once, later; what the lost attempt had shown was taken back.
        await Assertions.Expect(page.GetByTestId("answer")).ToHaveCountAsync(2, new() { Timeout = Patient().Timeout });
        await Assertions.Expect(page.GetByTestId("answer").First).ToHaveTextAsync("It is forty-two.");
        await Assertions.Expect(page.GetByTestId("connection-state")).ToHaveAttributeAsync("data-state", "connected");
        Assert.Equal(2, await page.GetByTestId("run").CountAsync());
        await Assertions.Expect(page.GetByTestId("survival").First).ToHaveTextAsync(
            new Regex("^worker lost · taken over after [0-9.]+ m?s · 1 result reused · 0 calls repeated$"));
        await Assertions.Expect(page.GetByTestId("survival").Last).ToBeHiddenAsync();
    }

    [ChromiumFact]
    public async Task Content_ThatLooksLikeHtml_IsShownAsTheTextItIs()
    {
        using var plan = new TemporaryDirectory();
        await using var service = await StartScriptedAsync(plan);
        var page = await OpenAsync(service);

        await AskAsync(page, "<b>hello</b><script>document.title='owned'</script>");

        await Assertions.Expect(page.GetByTestId("answer")).ToContainTextAsync("<b>bold</b>", new() { Timeout = Patient().Timeout });
        await Assertions.Expect(page.GetByTestId("run")).ToContainTextAsync("<b>hello</b><script>");
        Assert.Equal(0, await page.Locator("#conversation img, #conversation b, #conversation script").CountAsync());
        Assert.NotEqual("owned", await page.TitleAsync());
    }

    [ChromiumFact]
    public async Task Stop_WhileTheAnswerStreams_KeepsThePartAndSaysThatItWasCutOff()
    {
        using var plan = new TemporaryDirectory();
        await using var service = await StartScriptedAsync(plan);
        var page = await OpenAsync(service);
        await AskAsync(page, "slowly please");
        await Assertions.Expect(page.Locator("[data-testid=step]").Last).ToContainTextAsync("It is", Patient());

        await page.GetByTestId("stop").ClickAsync();

        await Assertions.Expect(page.GetByTestId("run"))
            .ToHaveAttributeAsync("data-status", "cancelled", new() { Timeout = Patient().Timeout });
        await Assertions.Expect(page.GetByTestId("answer")).ToContainTextAsync("It is");
        await Assertions.Expect(page.Locator("[data-testid=step]").Last).ToContainTextAsync("cut off", new() { IgnoreCase = true });
        await Assertions.Expect(page.GetByTestId("run")).Not.ToContainTextAsync("✅");
    }

    [ChromiumFact]
    public async Task Classic_WithoutJavaScript_AnswersOnAPlainPage()
    {
        await using var service = new StandaloneService();
        await service.StartAsync();
        await using var context = await chromium.Browser.NewContextAsync(new() { JavaScriptEnabled = false });
        var page = await context.NewPageAsync();
        await page.GotoAsync(new Uri(service.Web, "/classic").ToString());

        await page.Locator("textarea").FillAsync("What is 2 + 2? <i>");
        await page.Locator("button[type=submit]").First.ClickAsync();

        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("4", Patient());
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("<i>");
    }

    private static LocatorAssertionsToContainTextOptions Patient() => new() { Timeout = (float)TestTimeouts.Default.TotalMilliseconds };

    private static async Task<StandaloneService> StartScriptedAsync(TemporaryDirectory plan)
    {
        await File.WriteAllTextAsync(plan.File("plan.json"), Plan);
        var service = new StandaloneService(("AgentStream__Models__scripted__ScriptPath", plan.File("plan.json")));
        await service.StartAsync();
        return service;
    }

    private static async Task AskAsync(IPage page, string question)
    {
        await page.GetByTestId("message-input").FillAsync(question);
        await page.GetByTestId("send").ClickAsync();
    }

    private async Task<IPage> OpenAsync(StandaloneService service)
    {
        var context = await chromium.Browser.NewContextAsync(new() { ReducedMotion = ReducedMotion.Reduce });
        var page = await context.NewPageAsync();
        await page.GotoAsync(service.Web.ToString());
        await Assertions.Expect(page.GetByTestId("connection-state"))
            .ToHaveAttributeAsync("data-state", "connected", new() { Timeout = Patient().Timeout });
        return page;
    }
}
