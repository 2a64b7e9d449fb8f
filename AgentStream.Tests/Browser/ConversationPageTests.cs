using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using AgentStream.Tests.Browser.Accessibility;
using AgentStream.Tests.Distributed;
using AgentStream.Tests.Support;
using Microsoft.Playwright;
using Xunit.Abstractions;

namespace AgentStream.Tests.Browser;

/// <summary>The conversation on the real page: how answers look, what can be done with a run, how the page moves.</summary>
public sealed class ConversationPageTests(ChromiumBrowser chromium, ITestOutputHelper output) : IClassFixture<ChromiumBrowser>
{
    private const string Tour = "# A tour\n\nSome **bold** and `code` words, see [the docs](https://example.org/docs) and [bank.example](https://evil.example/login).\n\n"
        + "| City | Temp |\n|---|--:|\n| Berlin | 12.5 |\n\n- one\n- two\n\n```csharp\nreturn 42; // the answer\n```\n\n![a cat](https://example.org/cat.png)\n";

    private const string Hostile = "<img src=x onerror=document.title='owned'><script>document.title='owned'</script>\n\n[a](javascript:document.title='owned') [b](data:text/html,x) ![c](https://evil.example/leak.png)\n\n"
        + "<javascript:document.title='owned'> [d](https://user@evil.example) [e](/relative)\n\n```<script>\nx\n```\n";

    [ChromiumFact]
    public async Task Answer_OfMarkdown_IsShownAsWhatItMeans()
    {
        await using var chat = await StartAsync(Says("tour", Tour));
        var page = await chat.OpenAsync();
        await AskAsync(page, "a tour");
        await DoneAsync(page);
        var answer = page.GetByTestId("answer");

        await Expect(answer.Locator(".md-h1")).ToHaveTextAsync("A tour");
        await Expect(answer.Locator("strong")).ToHaveTextAsync("bold");
        await Expect(answer.Locator("td").Nth(1)).ToHaveTextAsync("12.5");
        await Expect(answer.Locator("ul > li")).ToHaveCountAsync(2);
        await Expect(answer.Locator(".code-keyword")).ToHaveTextAsync("return");
        await Expect(answer.Locator("pre")).ToHaveTextAsync("return 42; // the answer\n");
        var link = answer.Locator("a", new() { HasText = "the docs" });
        await Expect(link).ToHaveAttributeAsync("href", "https://example.org/docs");
        await Expect(link).ToHaveAttributeAsync("rel", "noopener noreferrer");
        await Expect(answer).ToContainTextAsync("leads to evil.example");
        await Expect(answer).ToContainTextAsync("Image: a cat");
        Assert.Equal(0, await answer.Locator("img").CountAsync());
        Assert.DoesNotContain("**", await answer.InnerTextAsync(), StringComparison.Ordinal);

        // The same after a reload, where it comes all at once.
        var text = await answer.InnerTextAsync();
        await page.ReloadAsync();
        await Expect(page.GetByTestId("answer").Locator(".code-keyword")).ToHaveTextAsync("return");
        await Expect(page.GetByTestId("answer")).ToContainTextAsync("Image: a cat");
        Assert.Equal(text, await page.GetByTestId("answer").InnerTextAsync());
    }

    [ChromiumFact]
    public async Task Answer_OfHostileMarkdown_IsHarmlessText()
    {
        await using var chat = await StartAsync(Says("attack", Hostile));
        var page = await chat.OpenAsync();
        var foreign = new List<string>();
        page.Request += (_, request) =>
        {
            if (request.Url.Contains("evil", StringComparison.Ordinal))
            {
                foreign.Add(request.Url);
            }
        };
        await AskAsync(page, "attack");
        await DoneAsync(page);

        var answer = page.GetByTestId("answer");
        await Expect(answer).ToContainTextAsync("<img src=x");
        await Expect(answer.Locator("pre")).ToHaveTextAsync("x\n");
        Assert.Equal(0, await answer.Locator("img, script, iframe, object, style").CountAsync());
        var addresses = await answer.Locator("[href]").EvaluateAllAsync<string[]>("links => links.map(link => link.getAttribute('href'))");
        Assert.Equal(["https://evil.example/leak.png"], addresses);
        Assert.NotEqual("owned", await page.TitleAsync());
        Assert.Empty(foreign);
    }

    [ChromiumFact]
    public async Task Answer_WhileTheServersParserIsAway_ReadsTheSame()
    {
        await using var chat = await StartAsync(Says("tour", Tour));
        var page = await chat.OpenAsync();
        await page.RouteAsync("**/markdown", route => route.AbortAsync());
        await AskAsync(page, "a tour");
        await DoneAsync(page);
        var answer = page.GetByTestId("answer");
        await Expect(answer.Locator("strong")).ToHaveTextAsync("bold");
        await Expect(answer.Locator("td").Nth(1)).ToHaveTextAsync("12.5");
        await Expect(answer.Locator(".code-keyword")).ToHaveTextAsync("return");
    }

    [ChromiumFact]
    public async Task Answer_InTheMiddleOfAMark_ShowsNoMark()
    {
        await using var chat = await StartAsync(Script("slowly", [[Text("It is **forty"), Wait("go"), Text("-two** of `them")]]));
        var page = await chat.OpenAsync();
        await AskAsync(page, "slowly");
        await Expect(page.GetByTestId("answer").Locator("strong")).ToHaveTextAsync("forty");
        Assert.DoesNotContain("*", await page.GetByTestId("answer").InnerTextAsync(), StringComparison.Ordinal);
        await chat.SignalAsync("go");
        await Expect(page.GetByTestId("answer").Locator("strong")).ToHaveTextAsync("forty-two");
    }

    [ChromiumFact]
    public async Task Run_OnceDone_FoldsToOneLineAndStaysAsTheReaderLeavesIt()
    {
        await using var chat = await StartAsync(Calculates("calc", Wait("go")));
        var page = await chat.OpenAsync();
        await AskAsync(page, "calc");
        var steps = page.Locator(".steps").First;
        await Expect(page.Locator("[data-step-type=tool_result]")).ToContainTextAsync("42");
        await Expect(steps).ToBeVisibleAsync();
        await Expect(page.GetByTestId("trace-fold")).ToContainTextAsync("iteration");
        await Expect(page.GetByTestId("run-line")).ToContainTextAsync("tokens out");
        await Expect(page.GetByTestId("typing")).ToBeVisibleAsync();

        await chat.SignalAsync("go");
        await DoneAsync(page);
        await Expect(steps).ToBeHiddenAsync();
        await Expect(page.GetByTestId("trace-fold")).ToContainTextAsync("Thought for");
        await Expect(page.GetByTestId("trace-fold")).ToContainTextAsync("used 1 tool");
        await Expect(page.GetByTestId("answer")).ToBeVisibleAsync();

        await page.GetByTestId("trace-fold").ClickAsync();
        await Expect(steps).ToBeVisibleAsync();
        await AskAsync(page, "calc again");
        await Expect(page.GetByTestId("answer")).ToHaveCountAsync(2);
        await Expect(steps).ToBeVisibleAsync();
    }

    [ChromiumFact]
    public async Task Data_OfATool_IsFormattedAndALongOneIsCutUntilAsked()
    {
        var text = string.Join(' ', Enumerable.Range(1, 800));
        await using var chat = await StartAsync(Script("note", [[Call("save_note", new { text })], [Text("Noted.")]]));
        var page = await chat.OpenAsync();
        await AskAsync(page, "note");
        await DoneAsync(page);
        await page.GetByTestId("trace-fold").ClickAsync();
        var data = page.Locator("[data-step-type=tool_use]").GetByTestId("step-data");
        await Expect(data.Locator("pre")).ToContainTextAsync("\"text\": \"1 2 3");
        await Expect(data.Locator("pre")).Not.ToContainTextAsync(" 800");
        await data.GetByTestId("show-all").ClickAsync();
        await Expect(data.Locator("pre")).ToContainTextAsync(" 800");
    }

    [ChromiumFact]
    public async Task Regenerate_AndEdit_ReplaceWhatWasThere()
    {
        await using var chat = await StartAsync(Says("first", "The answer."), Says("other", "Another one."));
        var page = await chat.OpenAsync();
        await AskAsync(page, "first");
        await DoneAsync(page);

        await page.GetByTestId("regenerate").ClickAsync();
        await Expect(page.GetByTestId("run")).ToHaveCountAsync(2);
        await Expect(page.Locator("[data-testid=run]:visible [data-testid=answer]")).ToHaveTextAsync("The answer.");
        await Expect(page.Locator("[data-testid=run]:visible")).ToHaveCountAsync(1);

        await page.Locator("[data-testid=edit-message]:visible").ClickAsync();
        await page.GetByTestId("edit-box").FillAsync("other");
        await page.GetByTestId("edit-run").ClickAsync();
        await Expect(page.Locator("[data-testid=run]:visible [data-testid=answer]")).ToHaveTextAsync("Another one.");
        await Expect(page.Locator("[data-testid=run]:visible")).ToHaveCountAsync(1);
        await Expect(page.Locator("[data-testid=run]:visible .said-text")).ToHaveTextAsync("other");
    }

    [ChromiumFact]
    public async Task Copy_OfTheAnswer_IsItsMarkdown()
    {
        await using var chat = await StartAsync(Says("tour", Tour));
        var page = await chat.OpenAsync();
        await page.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        await AskAsync(page, "a tour");
        await DoneAsync(page);

        await page.GetByTestId("copy-answer").ClickAsync();
        await CopiedAsync(page, Tour);
        await page.GetByTestId("copy-code").ClickAsync();
        await CopiedAsync(page, "return 42; // the answer\n");
    }

    [ChromiumFact]
    public async Task Export_OfTheSession_IsAFile()
    {
        await using var chat = await StartAsync(Says("tour", Tour));
        var page = await chat.OpenAsync();
        await AskAsync(page, "a tour");
        await DoneAsync(page);
        foreach (var (link, ending) in new[] { ("export-markdown", ".md"), ("export-json", ".json") })
        {
            await page.GetByTestId("session-menu").Locator("summary").ClickAsync();
            var download = await page.RunAndWaitForDownloadAsync(() => page.GetByTestId(link).ClickAsync());
            Assert.EndsWith(ending, download.SuggestedFilename, StringComparison.Ordinal);
            await page.Keyboard.PressAsync("Escape");
        }
    }

    [ChromiumFact]
    public async Task Figures_OfARun_AreInTheChatWithItsTimeline()
    {
        await using var chat = await StartAsync(Calculates("calc"));
        var page = await chat.OpenAsync();
        await AskAsync(page, "calc");
        await DoneAsync(page);

        var line = page.GetByTestId("run-line");
        foreach (var figure in new[] { "first token after", "tokens in", "out", "1 tool call" })
        {
            await Expect(line).ToContainTextAsync(figure);
        }

        await Expect(page.GetByTestId("trace-id")).ToContainTextAsync("Trace");
        await page.GetByTestId("show-waterfall").ClickAsync();
        var waterfall = page.GetByTestId("waterfall");
        await Expect(waterfall.Locator("rect")).ToHaveCountAsync(4);
        await Expect(waterfall.Locator("rect.is-tool")).ToHaveCountAsync(1);
        await waterfall.Locator("summary").ClickAsync();
        await Expect(waterfall.Locator("tbody tr")).ToHaveCountAsync(4);
        await Expect(waterfall.Locator("tbody tr", new() { HasText = "Tool result" })).ToContainTextAsync("tool");
    }

    [ChromiumFact]
    public async Task TraceUrl_WhereItIsSet_LeadsToTheTrace()
    {
        await using var chat = await StartAsync([("AgentStream__Web__TraceUrl", "http://localhost:18888/traces/detail/{trace_id}")], Says("hi", "Hello."));
        var page = await chat.OpenAsync();
        await AskAsync(page, "hi");
        await DoneAsync(page);
        var href = await page.GetByTestId("trace-id").Locator("a").GetAttributeAsync("href");
        Assert.Matches("^http://localhost:18888/traces/detail/[0-9a-f]{32}$", href);
    }

    [ChromiumFact]
    public async Task Replay_OfARun_CanBeMovedThroughAndEndsWithAllOfIt()
    {
        await using var chat = await StartAsync(Calculates("calc"));
        var page = await chat.OpenAsync();
        await AskAsync(page, "calc");
        await DoneAsync(page);
        await page.GetByTestId("show-replay").ClickAsync();
        var slider = page.GetByTestId("replay-slider");
        await Expect(page.GetByTestId("replay")).ToContainTextAsync("piece by piece");

        await slider.EvaluateAsync("slider => { slider.value = '0'; slider.dispatchEvent(new Event('input')); }");
        await Expect(page.GetByTestId("replay-play")).ToHaveTextAsync("Play");
        Assert.True(await page.GetByTestId("replay-step").CountAsync() < 4);
        await slider.EvaluateAsync("slider => { slider.value = slider.max; slider.dispatchEvent(new Event('input')); }");
        await Expect(page.GetByTestId("replay-step")).ToHaveCountAsync(4);
        await Expect(page.GetByTestId("replay-stage")).ToContainTextAsync("It is forty-two.");

        // A page that was not there says so, and shows the same in the end.
        await page.ReloadAsync();
        await page.GetByTestId("show-replay").ClickAsync();
        await Expect(page.GetByTestId("replay-note")).ToContainTextAsync("was not there");
        await Expect(page.GetByTestId("replay-stage")).ToContainTextAsync("It is forty-two.");
    }

    [ChromiumFact]
    public async Task Address_OfAStep_OpensItsRunAndLeadsThere()
    {
        await using var chat = await StartAsync(Calculates("calc"), Says("long", string.Join("\n\n", Enumerable.Repeat("A paragraph.", 80))));
        var page = await chat.OpenAsync();
        await AskAsync(page, "calc");
        await DoneAsync(page);
        await AskAsync(page, "long");
        await Expect(page.Locator("[data-status=completed]")).ToHaveCountAsync(2);
        var stepId = await page.Locator("[data-step-type=tool_result]").GetAttributeAsync("data-step-id");

        await page.GotoAsync($"{page.Url}#step-{stepId}");
        await page.ReloadAsync();
        var step = page.Locator($"#step-{stepId}");
        await Expect(step).ToBeInViewportAsync();
        await Expect(step).ToBeFocusedAsync();
    }

    [ChromiumFact]
    public async Task Scrolling_UpWhileAnAnswerStreams_IsNotUndone()
    {
        var paragraphs = string.Join("\n\n", Enumerable.Repeat("A paragraph.", 80)) + "\n\n";
        await using var chat = await StartAsync(Script("long", [[Text(paragraphs), Wait("go"), Text(paragraphs), Text("The end.")]]));
        var page = await chat.OpenAsync();
        await AskAsync(page, "long");
        await Expect(page.GetByTestId("answer").Locator("p")).ToHaveCountAsync(80);
        await Expect(page.GetByTestId("jump")).ToBeHiddenAsync();

        await page.Mouse.MoveAsync(600, 300);
        await page.Mouse.WheelAsync(0, -600);
        await Expect(page.GetByTestId("jump")).ToBeVisibleAsync();
        await page.WaitForFunctionAsync("async () => { const at = scrollY; await new Promise(requestAnimationFrame); await new Promise(requestAnimationFrame); return at === scrollY; }");
        var before = await page.EvaluateAsync<double>("scrollY");
        await chat.SignalAsync("go");
        await DoneAsync(page);
        await Expect(page.GetByTestId("answer")).ToContainTextAsync("The end.");
        Assert.InRange(await page.EvaluateAsync<double>("scrollY"), before - 2, before + 2);

        await page.GetByTestId("jump").ClickAsync();
        await Expect(page.GetByText("The end.")).ToBeInViewportAsync();
    }

    [ChromiumFact]
    public async Task Scrolling_ToTheBeginning_LoadsWhatIsEarlierWithoutJumping()
    {
        await using var chat = await StartAsync(Says("", "Hello."));
        using var client = new HttpClient { BaseAddress = chat.Service.Api };
        for (var number = 1; number <= 60; number++)
        {
            using var response = await client.PostAsJsonAsync(new Uri("/api/sessions/many/messages?wait=true", UriKind.Relative), new { message = $"question {number}" });
            response.EnsureSuccessStatusCode();
        }

        var page = await chat.OpenAsync("/chat/many");
        await Expect(page.GetByTestId("run")).ToHaveCountAsync(50);
        var conversation = page.Locator("#conversation");
        await Expect(conversation.GetByText("question 60", new() { Exact = true })).ToBeInViewportAsync();

        await page.EvaluateAsync("scrollTo(0, 0)");
        await Expect(page.GetByTestId("run")).ToHaveCountAsync(60);
        await Expect(conversation.GetByText("question 11", new() { Exact = true })).ToBeInViewportAsync();
        await Expect(conversation.GetByText("question 1", new() { Exact = true })).Not.ToBeInViewportAsync();
    }

    [ChromiumFact]
    public async Task TwoPages_OnOneSession_ShowTheSame()
    {
        await using var chat = await StartAsync(Calculates("calc", Wait("go")));
        var one = await chat.OpenAsync();
        var other = await chat.OpenAsync(new Uri(one.Url).AbsolutePath);
        await AskAsync(one, "calc");
        await Expect(other.Locator("[data-step-type=tool_result]")).ToContainTextAsync("42");
        await Expect(other.GetByTestId("run")).ToHaveAttributeAsync("data-status", "running");
        await chat.SignalAsync("go");
        await DoneAsync(other);
        await DoneAsync(one);
        await Expect(other.GetByTestId("answer")).ToHaveTextAsync("It is forty-two.");
        Assert.Equal(await StepsAsync(one), await StepsAsync(other));
    }

    [ChromiumFact]
    public async Task Conversation_InBothThemesAndWithAllOpened_LeavesAxeNothingToSay()
    {
        await using var chat = await StartAsync(Says("tour", Tour), Calculates("calc"));
        foreach (var theme in new[] { ColorScheme.Light, ColorScheme.Dark })
        {
            var page = await chat.OpenAsync();
            await page.EmulateMediaAsync(new() { ColorScheme = theme, ReducedMotion = ReducedMotion.Reduce });
            await AskAsync(page, "a tour");
            await DoneAsync(page);
            await AskAsync(page, "calc");
            await Expect(page.Locator("[data-status=completed]")).ToHaveCountAsync(2);
            Assert.Empty(await Axe.ViolationsAsync(page));

            await page.GetByTestId("trace-fold").Last.ClickAsync();
            await page.GetByTestId("show-waterfall").Last.ClickAsync();
            await page.GetByTestId("waterfall").Locator("summary").ClickAsync();
            Assert.Empty(await Axe.ViolationsAsync(page));

            await page.GetByTestId("show-replay").Last.ClickAsync();
            await Expect(page.GetByTestId("replay-stage")).ToContainTextAsync("forty-two");
            await page.GetByTestId("edit-message").Last.ClickAsync();
            await page.GetByTestId("session-menu").Locator("summary").ClickAsync();
            Assert.Empty(await Axe.ViolationsAsync(page));
        }
    }

    [ChromiumFact]
    public async Task Run_OfAHundredThousandTokens_ShowsThemAll()
    {
        string[] words = ["The ", "**quick** ", "fox ", "`jumps`", " over ", "it.", "\n\n", "- item ", "of it\n", "- more\n\n", "```js\n", "let a = 1; ", "// b\n", "```\n\n"];
        await using var chat = await StartAsync(Script("endless", [[.. Enumerable.Range(0, 100_000).Select(index => Text(words[index % words.Length]))]]));
        var page = await chat.OpenAsync();
        await page.EvaluateAsync("() => { globalThis.longest = 0; new PerformanceObserver(list => { for (const task of list.getEntries()) { longest = Math.max(longest, task.duration); } }).observe({ type: 'longtask' }); }");
        await AskAsync(page, "endless");
        await Assertions.Expect(page.GetByTestId("run")).ToHaveAttributeAsync("data-status", "completed", new() { Timeout = 4 * (float)TestTimeouts.Default.TotalMilliseconds });

        // 100,000 tokens are 7,142 rounds of the words and 12 more: as many blocks of code, and one that has begun.
        await Expect(page.GetByTestId("code-block")).ToHaveCountAsync(7_143);
        Assert.False(await page.GetByTestId("answer").EvaluateAsync<bool>("answer => answer.textContent.includes('**')"));
        var longest = await page.EvaluateAsync<double>("longest");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Longest task of the page over a run of 100,000 tokens: {longest:0} ms (goal: under 100)"));
    }

    private static ILocatorAssertions Expect(ILocator locator) => Assertions.Expect(locator);

    private static Task DoneAsync(IPage page) => Assertions.Expect(page.Locator("[data-testid=run]").Last).ToHaveAttributeAsync("data-status", "completed");

    private static Task CopiedAsync(IPage page, string text) =>
        page.WaitForFunctionAsync("async text => await navigator.clipboard.readText() === text", text, new() { Timeout = (float)TestTimeouts.Default.TotalMilliseconds });

    private static async Task<string[]> StepsAsync(IPage page) =>
        await page.GetByTestId("step").EvaluateAllAsync<string[]>("steps => steps.map(step => step.dataset.stepId + step.dataset.stepType)");

    private static async Task AskAsync(IPage page, string question)
    {
        await page.GetByTestId("message-input").FillAsync(question);
        await page.GetByTestId("send").ClickAsync();
    }

    private static object Text(string text) => new { text };

    private static object Wait(string file) => new { wait_for_file = file };

    private static object Call(string name, object arguments) => new { tool_call = new { name, arguments } };

    private static object Script(string when, object[][] replies) => when.Length == 0 ? new { replies } : new { when, replies };

    private static object Says(string when, string answer) => Script(when, [[Text(answer)]]);

    private static object Calculates(string when, params object[] before) =>
        Script(when, [[new { thought = "Let me *calculate*." }, Call("calculator", new { expression = "6 * 7" })], [.. before, Text("It is "), Text("forty-two.")]]);

    private Task<Chat> StartAsync(params object[] scripts) => StartAsync([], scripts);

    private async Task<Chat> StartAsync((string Name, string? Value)[] settings, params object[] scripts)
    {
        var plan = new TemporaryDirectory();
        await File.WriteAllTextAsync(plan.File("plan.json"), JsonSerializer.Serialize(new { scripts }));
        var service = new StandaloneService([("AgentStream__Models__scripted__ScriptPath", plan.File("plan.json")), .. settings]);
        await service.StartAsync();
        Assertions.SetDefaultExpectTimeout((float)TestTimeouts.Default.TotalMilliseconds);
        return new Chat(chromium, service, plan);
    }

    private sealed class Chat(ChromiumBrowser chromium, StandaloneService service, TemporaryDirectory plan) : IAsyncDisposable
    {
        public StandaloneService Service => service;

        public Task SignalAsync(string file) => File.WriteAllTextAsync(plan.File(file), "");

        public async Task<IPage> OpenAsync(string path = "/")
        {
            var context = await chromium.Browser.NewContextAsync();
            var page = await context.NewPageAsync();
            await page.GotoAsync(new Uri(service.Web, path).ToString());
            await Assertions.Expect(page.GetByTestId("connection-state")).ToHaveAttributeAsync("data-state", "connected");
            return page;
        }

        public async ValueTask DisposeAsync()
        {
            await service.DisposeAsync();
            plan.Dispose();
        }
    }
}
