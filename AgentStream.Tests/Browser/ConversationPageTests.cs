using System.Text.Json;
using System.Text.RegularExpressions;
using AgentStream.Tests.Browser.Accessibility;
using AgentStream.Tests.Distributed.Cluster;
using AgentStream.Tests.Support;
using Microsoft.Playwright;
using static AgentStream.Tests.Browser.Shell.ChatHome;

namespace AgentStream.Tests.Browser;

/// <summary>The conversation on the real page: how answers look, what can be done with a run, how the page moves.</summary>
public sealed class ConversationPageTests(ConversationHome home) : IClassFixture<ConversationHome>, IAsyncLifetime
{
    private readonly List<IBrowserContext> _people = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var person in _people)
        {
            await person.CloseAsync();
        }
    }

    [ChromiumFact]
    public async Task Answer_OfMarkdown_IsShownAsWhatItMeans()
    {
        var page = await OpenAsync();
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
        var page = await OpenAsync();
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
        var page = await OpenAsync();
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
        var page = await OpenAsync();
        await AskAsync(page, "a mark");
        await Expect(page.GetByTestId("answer").Locator("strong")).ToHaveTextAsync("forty");
        Assert.DoesNotContain("*", await page.GetByTestId("answer").InnerTextAsync(), StringComparison.Ordinal);
        await home.LetGoAsync("mark");
        await Expect(page.GetByTestId("answer").Locator("strong")).ToHaveTextAsync("forty-two");
    }

    [ChromiumFact]
    public async Task Answer_WhoseBlocksAreComplete_LeavesThemAlone()
    {
        var page = await OpenAsync();
        await AskAsync(page, "held blocks");
        var paragraphs = page.GetByTestId("answer").Locator("p");
        await Expect(paragraphs).ToHaveCountAsync(80);
        await paragraphs.EvaluateAllAsync<JsonElement?>("all => all.forEach(paragraph => { paragraph.wasThere = paragraph.firstChild; })");

        await home.LetGoAsync("blocks");
        await DoneAsync(page);

        await Expect(paragraphs).ToHaveCountAsync(161);
        Assert.Equal(80, await paragraphs.EvaluateAllAsync<int>(
            "all => all.filter(paragraph => paragraph.wasThere && paragraph.wasThere === paragraph.firstChild).length"));
    }

    [ChromiumFact]
    public async Task Conversation_OnAPhone_ScrollsInOneDirectionOnly()
    {
        var person = await home.NewPersonAsync(
            new() { ViewportSize = new() { Width = 390, Height = 800 }, HasTouch = true, IsMobile = true });
        _people.Add(person);
        var page = await home.OpenAsync(person);
        // The keyboard would stand over what is to be read.
        await Expect(page.GetByTestId("message-input")).Not.ToBeFocusedAsync();
        foreach (var question in new[] { "a tour", "a long note", "calc" })
        {
            await AskAndWaitAsync(page, question);
            await page.EvaluateAsync(
                "() => document.querySelectorAll('.trace:not([hidden]) [aria-expanded=false]').forEach(fold => fold.click())");
        }

        await page.GetByTestId("show-waterfall").Last.TapAsync();
        await Expect(page.GetByTestId("waterfall")).ToBeVisibleAsync();

        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"));
    }

    [ChromiumFact]
    public async Task Run_OnceDone_FoldsToOneLineAndStaysAsTheReaderLeavesIt()
    {
        var page = await OpenAsync();
        await AskAsync(page, "held calc of the fold");
        var steps = page.Locator(".steps").First;
        await Expect(page.GetByTestId("call-row")).ToHaveTextAsync(new Regex("calculator.*6 \\* 7.*result: 42.*[0-9] m?s"));
        await Expect(steps).ToBeVisibleAsync();
        await Expect(page.GetByTestId("trace-fold")).ToContainTextAsync("iteration");
        await Expect(page.GetByTestId("run-line")).ToContainTextAsync("tokens");
        await Expect(page.GetByTestId("typing")).ToBeVisibleAsync();
        await Expect(page.GetByTestId("run-agent")).ToContainTextAsync("assistant");

        await home.LetGoAsync("fold");
        await DoneAsync(page);
        await Expect(steps).ToBeHiddenAsync();
        await Expect(page.GetByTestId("trace-fold")).ToContainTextAsync("Thought for");
        await Expect(page.GetByTestId("trace-fold")).ToContainTextAsync("1 call");
        await Expect(page.GetByTestId("answer")).ToBeVisibleAsync();

        await page.GetByTestId("trace-fold").ClickAsync();
        await Expect(steps).ToBeVisibleAsync();
        await AskAsync(page, "held calc of the fold again");
        await Expect(page.GetByTestId("answer")).ToHaveCountAsync(2);
        await Expect(steps).ToBeVisibleAsync();
    }

    [ChromiumFact]
    public async Task Data_OfATool_IsFormattedCopiedWholeAndALongOneIsCutUntilAsked()
    {
        var page = await OpenAsync();
        await page.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        await AskAsync(page, "a long note");
        await DoneAsync(page);
        await page.GetByTestId("trace-fold").ClickAsync();
        await page.GetByTestId("call-row").ClickAsync();
        var data = page.Locator("[data-step-type=tool_use]").GetByTestId("step-data");
        await Expect(data.Locator("pre")).ToContainTextAsync("\"text\": \"1 2 3");
        await Expect(data.Locator("pre")).Not.ToContainTextAsync(" 800");
        await data.GetByTestId("copy-data").ClickAsync();
        await CopiedAsync(page, $"{{\n  \"text\": \"{string.Join(' ', Enumerable.Range(1, 800))}\"\n}}");
        await data.GetByTestId("show-all").ClickAsync();
        await Expect(data.Locator("pre")).ToContainTextAsync(" 800");
        await data.Locator("summary").ClickAsync();
        await Expect(data.Locator("pre")).ToBeHiddenAsync();
    }

    [ChromiumFact]
    public async Task Regenerate_AndEdit_ReplaceWhatWasThere()
    {
        var page = await OpenAsync();
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
    public async Task Versions_OfAMessage_CanBeLookedAtWithAllThatBelongedToThem()
    {
        var page = await OpenAsync();
        await AskAsync(page, "first");
        await DoneAsync(page);
        await AskAsync(page, "other, after it");
        await Expect(page.Locator("[data-status=completed]")).ToHaveCountAsync(2);
        await page.Locator("[data-testid=edit-message]:visible").First.ClickAsync();
        await page.GetByTestId("edit-box").FillAsync("calc instead");
        await page.GetByTestId("edit-run").ClickAsync();
        await Expect(page.Locator("[data-testid=answer]:visible")).ToHaveTextAsync(["It is forty-two."]);
        await Expect(page.Locator("[data-testid=version]:visible")).ToHaveTextAsync(["2 of 2"]);

        // As live, so after a reload.
        foreach (var reload in new[] { false, true })
        {
            if (reload)
            {
                await page.ReloadAsync();
            }

            await page.Locator("[data-testid=version-earlier]:visible").ClickAsync();
            await Expect(page.Locator("[data-testid=version]:visible")).ToHaveTextAsync(["1 of 2"]);
            await Expect(page.Locator("[data-testid=version-later]:visible")).ToBeFocusedAsync();
            await Expect(page.Locator("[data-testid=answer]:visible")).ToHaveTextAsync(["The answer.", "Another one."]);
            await Expect(page.GetByTestId("past-note")).ToBeVisibleAsync();
            await Expect(page.Locator("[data-testid=edit-message]:visible, [data-testid=regenerate]:visible")).ToHaveCountAsync(0);
            await page.Keyboard.PressAsync("Enter");
            await Expect(page.Locator("[data-testid=answer]:visible")).ToHaveTextAsync(["It is forty-two."]);
            await Expect(page.GetByTestId("past-note")).ToHaveCountAsync(0);
        }

        // What is sent goes on from the newest.
        await page.Locator("[data-testid=version-earlier]:visible").ClickAsync();
        await AskAsync(page, "and a tour");
        await Expect(page.Locator("[data-testid=answer]:visible").First).ToHaveTextAsync("It is forty-two.");
        await Expect(page.Locator("[data-testid=answer]:visible")).ToHaveCountAsync(2);
    }

    [ChromiumFact]
    public async Task Answer_OfNastyMarkdown_IsReadableWhileItStreamsAndAfter()
    {
        var page = await OpenAsync();
        await AskAsync(page, "nasty");
        var answer = page.GetByTestId("answer");
        await Expect(answer.Locator("td")).ToHaveTextAsync(["Berlin", "12.5", "Par", ""]);
        Assert.DoesNotContain("|", await answer.InnerTextAsync(), StringComparison.Ordinal);

        await home.LetGoAsync("nasty");
        await DoneAsync(page);
        await Expect(answer.Locator("td")).ToHaveTextAsync(["Berlin", "12.5", "Paris", "14"]);
        await Expect(answer.Locator("ol > li > ul > li > ul > li")).ToHaveTextAsync("deepest");
        await Expect(answer.Locator("ol > li pre")).ToHaveTextAsync("x = 1\n");
        await Expect(answer).ToContainTextAsync("$5 and $10");
        await Expect(answer).ToContainTextAsync("日本語 👩‍👩‍👧");
        await Expect(answer.Locator("pre").Last).ToContainTextAsync("never closed");
        var arabic = answer.Locator("p", new() { HasText = "مرحبا" });
        Assert.True(
            await arabic.EvaluateAsync<bool>(
                "p => { const range = document.createRange(); range.selectNodeContents(p); const text = range.getBoundingClientRect(); "
                    + "const box = p.getBoundingClientRect(); return box.right - text.right < text.left - box.left; }"));
        Assert.Equal("rtl", await answer.Locator("ul", new() { HasText = "واحد" })
            .Last.EvaluateAsync<string>("list => getComputedStyle(list).direction"));
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"));
    }

    [ChromiumFact]
    public async Task Copy_OfTheAnswer_IsItsMarkdown()
    {
        var page = await OpenAsync();
        await page.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        await AskAsync(page, "a tour");
        await DoneAsync(page);

        await page.GetByTestId("copy-answer").ClickAsync();
        await CopiedAsync(page, ConversationHome.Tour);
        await page.GetByTestId("copy-code").ClickAsync();
        await CopiedAsync(page, "return 42; // the answer\n");
        await page.GetByTestId("show-figures").ClickAsync();
        await page.GetByTestId("trace-id").GetByRole(AriaRole.Button).ClickAsync();
        await page.WaitForFunctionAsync("async () => /^[0-9a-f]{32}$/.test(await navigator.clipboard.readText())");
    }

    [ChromiumFact]
    public async Task CopyEverything_OfALongSession_HasWhatIsOnEarlierPagesToo()
    {
        await home.FillAsync("copied", 52);
        var page = await OpenAsync("/chat/copied");
        await page.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        await Expect(page.GetByTestId("run")).ToHaveCountAsync(50);

        await page.GetByTestId("session-menu").Locator("summary").ClickAsync();
        await page.GetByTestId("copy-all").ClickAsync();

        await CopiedAsync(
            page, string.Join("\n\n---\n\n", Enumerable.Range(1, 52).Select(number => $"**You:** question {number}\n\nHello.")));
        await Expect(page.GetByTestId("copy-all")).ToHaveTextAsync("Copied");
    }

    [ChromiumFact]
    public async Task Export_OfTheSession_IsAFile()
    {
        var page = await OpenAsync();
        await AskAsync(page, "a tour");
        await DoneAsync(page);
        foreach (var (link, ending, content) in new[]
        {
            ("export-markdown", ".md", ConversationHome.Tour.TrimEnd()),
            ("export-json", ".json", JsonSerializer.Serialize("return 42; // the answer")[1..^1]),
        })
        {
            await page.GetByTestId("session-menu").Locator("summary").ClickAsync();
            var download = await page.RunAndWaitForDownloadAsync(() => page.GetByTestId(link).ClickAsync());
            Assert.EndsWith(ending, download.SuggestedFilename, StringComparison.Ordinal);
            Assert.Contains(content, await File.ReadAllTextAsync(await download.PathAsync()), StringComparison.Ordinal);
            await page.Keyboard.PressAsync("Escape");
        }
    }

    [ChromiumFact]
    public async Task Figures_OfARun_AreInTheChatWithItsTimeline()
    {
        var page = await OpenAsync();
        await AskAsync(page, "calc");
        await DoneAsync(page);

        await Expect(page.GetByTestId("run-line")).ToHaveTextAsync(new Regex("^[0-9.]+ m?s · (about )?[0-9,]+ tokens$"));
        await Expect(page.GetByTestId("trace-id")).ToBeHiddenAsync();
        await page.GetByTestId("show-figures").ClickAsync();
        var line = page.GetByTestId("run-figures");
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
    public async Task Look_OfCards_ShowsEachStepInFullAndStays()
    {
        var page = await OpenAsync();
        await AskAsync(page, "calc");
        await DoneAsync(page);
        await page.GetByTestId("trace-fold").ClickAsync();
        await Expect(page.GetByTestId("call-row")).ToBeVisibleAsync();

        await page.GetByTestId("look").ClickAsync();
        foreach (var reload in new[] { false, true })
        {
            if (reload)
            {
                await page.ReloadAsync();
            }

            await Expect(page.GetByTestId("look")).ToHaveAttributeAsync("aria-pressed", "true");
            await Expect(page.GetByTestId("call-row")).ToBeHiddenAsync();
            await Expect(page.Locator("[data-step-type=tool_use] pre")).ToContainTextAsync("6 * 7");
            await Expect(page.Locator("[data-step-type=tool_result] pre")).ToHaveTextAsync("42");
            await Expect(page.Locator("[data-step-type=tool_result]")).ToHaveCSSAsync("background-color", "rgb(243, 229, 245)");
            await Expect(page.Locator("[data-step-type=final_answer]")).ToHaveCSSAsync("background-color", "rgb(232, 245, 233)");
        }

        await page.GetByTestId("look").ClickAsync();
        await Expect(page.GetByTestId("call-row")).ToBeVisibleAsync();
    }

    [ChromiumFact]
    public async Task Answer_IsThePagesTextInAMeasureThatReadsWell()
    {
        var page = await OpenAsync();
        await AskAsync(page, "a tour");
        await DoneAsync(page);
        var answer = page.GetByTestId("answer");
        await Expect(answer).ToHaveCSSAsync("font-size", "17px");
        await Expect(answer).ToHaveCSSAsync("line-height", "28px");
        await Expect(page.Locator("[data-step-type=final_answer]")).ToHaveCSSAsync("background-color", "rgba(0, 0, 0, 0)");
        Assert.InRange((await answer.Locator("p").First.BoundingBoxAsync())!.Width, 480, 640);
    }

    [ChromiumFact]
    public async Task Address_OfASessionThatIsGone_SaysSoAndANewOneDoesNot()
    {
        var gone = await OpenAsync("/chat/nobody-has-written-to-this");
        await Expect(gone.GetByTestId("gone")).ToBeVisibleAsync();

        var page = await OpenAsync();
        await Expect(page.GetByTestId("welcome")).ToBeVisibleAsync();
        await Expect(page.GetByTestId("gone")).ToBeHiddenAsync();
        await page.ReloadAsync();
        await Expect(page.GetByTestId("welcome")).ToBeVisibleAsync();
        await Expect(page.GetByTestId("gone")).ToBeHiddenAsync();
    }

    [ChromiumFact]
    public async Task TraceUrl_WhereItIsSet_LeadsToTheTrace()
    {
        await using var chat = await StartAsync(
            [("AgentStream__Web__TraceUrl", "http://localhost:18888/traces/detail/{trace_id}")], ConversationHome.Says("hi", "Hello."));
        var page = await chat.OpenAsync();
        await AskAsync(page, "hi");
        await DoneAsync(page);
        var href = await page.GetByTestId("trace-id").Locator("a").GetAttributeAsync("href");
        Assert.Matches("^http://localhost:18888/traces/detail/[0-9a-f]{32}$", href);
    }

    [ChromiumFact]
    public async Task Replay_OfARun_CanBeMovedThroughAndEndsWithAllOfIt()
    {
        var page = await OpenAsync();
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
        var page = await OpenAsync();
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
        var page = await OpenAsync();
        await AskAsync(page, "held long");
        await Expect(page.GetByTestId("answer").Locator("p")).ToHaveCountAsync(80);
        await Expect(page.GetByTestId("jump")).ToBeHiddenAsync();

        await page.Mouse.MoveAsync(600, 300);
        await page.Mouse.WheelAsync(0, -600);
        await Expect(page.GetByTestId("jump")).ToBeVisibleAsync();
        await page.WaitForFunctionAsync(
            "async () => { const at = scrollY; await new Promise(requestAnimationFrame); await new Promise(requestAnimationFrame); return "
                + "at === scrollY; }");
        var before = await page.EvaluateAsync<double>("scrollY");
        await home.LetGoAsync("long");
        await DoneAsync(page);
        await Expect(page.GetByTestId("answer")).ToContainTextAsync("The end.");
        Assert.InRange(await page.EvaluateAsync<double>("scrollY"), before - 2, before + 2);

        await page.GetByTestId("jump").ClickAsync();
        await Expect(page.GetByText("The end.")).ToBeInViewportAsync();
    }

    [ChromiumFact]
    public async Task Scrolling_ToTheBeginning_LoadsWhatIsEarlierWithoutJumping()
    {
        await home.FillAsync("many", 60);
        var page = await OpenAsync("/chat/many");
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
        var one = await OpenAsync();
        var other = await OpenAsync(new Uri(one.Url).AbsolutePath);
        await AskAsync(one, "held calc of two");
        await Expect(other.GetByTestId("call-row")).ToContainTextAsync("42");
        await Expect(other.GetByTestId("run")).ToHaveAttributeAsync("data-status", "running");
        await home.LetGoAsync("two");
        await DoneAsync(other);
        await DoneAsync(one);
        await Expect(other.GetByTestId("answer")).ToHaveTextAsync("It is forty-two.");
        Assert.Equal(await StepsAsync(one), await StepsAsync(other));
    }

    [ChromiumFact]
    public async Task Conversation_InBothThemesAndWithAllOpened_LeavesAxeNothingToSay()
    {
        var page = await OpenAsync();
        await AskAsync(page, "a tour");
        await DoneAsync(page);
        await AskAsync(page, "calc");
        await Expect(page.Locator("[data-status=completed]")).ToHaveCountAsync(2);
        Assert.Empty(await Axe.ViolationsInBothThemesAsync(page));

        await page.GetByTestId("trace-fold").Last.ClickAsync();
        await page.GetByTestId("call-row").Last.ClickAsync();
        await page.GetByTestId("show-figures").Last.ClickAsync();
        Assert.Empty(await Axe.ViolationsInBothThemesAsync(page));
        await page.GetByTestId("look").ClickAsync();
        Assert.Empty(await Axe.ViolationsInBothThemesAsync(page));
        await page.GetByTestId("look").ClickAsync();
        await page.GetByTestId("show-waterfall").Last.ClickAsync();
        await page.GetByTestId("waterfall").Locator("summary").ClickAsync();
        Assert.Empty(await Axe.ViolationsInBothThemesAsync(page));

        await page.GetByTestId("show-replay").Last.ClickAsync();
        await Expect(page.GetByTestId("replay-stage")).ToContainTextAsync("forty-two");
        await page.GetByTestId("edit-message").Last.ClickAsync();
        await page.GetByTestId("session-menu").Locator("summary").ClickAsync();
        Assert.Empty(await Axe.ViolationsInBothThemesAsync(page));
    }

    private static ILocatorAssertions Expect(ILocator locator) => Assertions.Expect(locator);

    private static Task DoneAsync(IPage page)
        => Assertions.Expect(page.Locator("[data-testid=run]").Last).ToHaveAttributeAsync("data-status", "completed");

    private static Task CopiedAsync(IPage page, string text) =>
        page.WaitForFunctionAsync(
            "async text => await navigator.clipboard.readText() === text", text,
            new() { Timeout = (float)TestTimeouts.Default.TotalMilliseconds });

    private static async Task<string[]> StepsAsync(IPage page) =>
        await page.GetByTestId("step")
            .EvaluateAllAsync<string[]>("steps => steps.map(step => step.dataset.stepId + step.dataset.stepType)");

    private async Task<IPage> OpenAsync(string path = "/")
    {
        var person = await home.NewPersonAsync();
        _people.Add(person);
        return await home.OpenAsync(person, path);
    }

    // For what the shared service can't be: told something else, or burdened with much.
    private async Task<Chat> StartAsync((string Name, string? Value)[] settings, params object[] scripts)
    {
        var plan = new TemporaryDirectory();
        await File.WriteAllTextAsync(plan.File("plan.json"), JsonSerializer.Serialize(new { scripts }));
        var service = new StandaloneService([("AgentStream__Models__scripted__ScriptPath", plan.File("plan.json")), .. settings]);
        await service.StartAsync();
        return new Chat(home.Browser, service, plan);
    }

    private sealed class Chat(IBrowser browser, StandaloneService service, TemporaryDirectory plan) : IAsyncDisposable
    {
        public async Task<IPage> OpenAsync(string path = "/")
        {
            var context = await browser.NewContextAsync(new() { ReducedMotion = ReducedMotion.Reduce });
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
