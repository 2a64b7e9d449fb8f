using System.Text.RegularExpressions;
using AgentStream.Tests.Browser.Shell;
using Microsoft.Playwright;

namespace AgentStream.Tests.Browser.Accessibility;

/// <summary>Each page, in both themes, in several states, and axe-core finds nothing.</summary>
public sealed class AccessibilityTests(ChatHome home) : IClassFixture<ChatHome>
{
    [ChromiumFact]
    public async Task Chat_InEveryState_HasNoViolation()
    {
        const string Held = "6";
        await using var person = await home.NewPersonAsync(Options());
        var page = await home.OpenAsync(person);
        await AssertNoneAsync(page, "empty");

        await ChatHome.AskAndWaitAsync(page, "an easy one");
        await AssertNoneAsync(page, "done");
        await page.GetByTestId("trace-open").ClickAsync();
        await Assertions.Expect(page.GetByTestId("trace-row").First).ToBeVisibleAsync();
        await AssertNoneAsync(page, "traced");

        await ChatHome.AskHeldAsync(page, Held);
        await ChatHome.AskAsync(page, "and this waits");
        await Assertions.Expect(page.GetByTestId("queued")).ToHaveCountAsync(1, new() { Timeout = ChatHome.Patience });
        await page.GetByTestId("message-input").FillAsync("more");
        await AssertNoneAsync(page, "running, with a queue");
        await home.LetGoAsync(Held);
        await Assertions.Expect(page.GetByTestId("queue")).ToBeHiddenAsync(new() { Timeout = ChatHome.Patience });

        await page.GetByTestId("session-search").FillAsync("no title has this");
        await Assertions.Expect(page.GetByTestId("session")).ToHaveCountAsync(0, new() { Timeout = ChatHome.Patience });
        await AssertNoneAsync(page, "search without result");

        await person.SetOfflineAsync(true);
        await Assertions.Expect(page.GetByTestId("connection-state"))
            .ToHaveAttributeAsync("data-state", "reconnecting", new() { Timeout = ChatHome.Patience });
        await ChatHome.AskAsync(page, "written offline");
        await AssertNoneAsync(page, "offline, with a message that waits");
    }

    [ChromiumFact]
    public async Task Chat_WithADialogOpen_HasNoViolation()
    {
        await using var person = await home.NewPersonAsync(Options());
        var page = await home.OpenAsync(person);
        await ChatHome.AskAndWaitAsync(page, "with dialogs");

        await page.GetByTestId("help-open").ClickAsync();
        await AssertNoneAsync(page, "shortcuts");
        await page.Keyboard.PressAsync("Escape");
        await page.GetByTestId("connection-open").ClickAsync();
        await Assertions.Expect(page.GetByTestId("connection-frames").Locator("tr").First).ToBeVisibleAsync();
        await AssertNoneAsync(page, "connection");
        await page.Keyboard.PressAsync("Escape");
        await page.GetByTestId("options-open").ClickAsync();
        await AssertNoneAsync(page, "options");
        await page.Keyboard.PressAsync("Escape");
        await page.GetByTestId("agent-picker").ClickAsync();
        await Assertions.Expect(page.GetByTestId("agent-card").First).ToBeVisibleAsync();
        await AssertNoneAsync(page, "agents");
        await page.Keyboard.PressAsync("Escape");
        await ChatHome.SessionOf(page, "with dialogs").GetByRole(AriaRole.Link).FocusAsync();
        await page.Keyboard.PressAsync("F2");
        await AssertNoneAsync(page, "renaming");
        await page.Keyboard.PressAsync("Escape");
        await page.Keyboard.PressAsync("Delete");
        await Assertions.Expect(page.GetByTestId("confirm")).ToBeVisibleAsync();
        await AssertNoneAsync(page, "deleting");
    }

    [ChromiumFact]
    public async Task Chat_WithAnApproval_HasNoViolation()
    {
        await using var person = await home.NewPersonAsync(Options());
        var page = await home.OpenAsync(person);
        await ChatHome.AskAsync(page, "a note, please");
        await Assertions.Expect(page.GetByTestId("approval")).ToBeVisibleAsync();
        await AssertNoneAsync(page, "asked");
        await page.GetByTestId("approval-arguments").FillAsync("{ broken");
        await Assertions.Expect(page.GetByTestId("approval-problem")).ToBeVisibleAsync();
        await AssertNoneAsync(page, "edited wrongly");
        await page.GetByTestId("approval-reason").FillAsync("We have milk.");
        await page.GetByTestId("refuse").ClickAsync();
        await Assertions.Expect(page.GetByTestId("run")).ToHaveAttributeAsync("data-status", "completed");
        await page.GetByTestId("trace-fold").ClickAsync();
        await Assertions.Expect(page.GetByTestId("decision")).ToBeVisibleAsync();
        await AssertNoneAsync(page, "refused");
    }

    [ChromiumFact]
    public async Task Chat_BeforeAnythingCameAndAtAnEarlierVersion_HasNoViolation()
    {
        await using var person = await home.NewPersonAsync(Options());
        var page = await home.OpenAsync(person);
        await ChatHome.AskAndWaitAsync(page, "said twice");
        await page.GetByTestId("regenerate").ClickAsync();
        await Assertions.Expect(page.GetByTestId("run")).ToHaveCountAsync(2);
        await Assertions.Expect(page.GetByTestId("run").Last).ToHaveAttributeAsync("data-status", "completed");
        await page.GetByTestId("version-earlier").Last.ClickAsync();
        await Assertions.Expect(page.GetByTestId("past-note")).ToBeVisibleAsync();
        await AssertNoneAsync(page, "earlier version");

        var second = await person.NewPageAsync();
        await second.RouteWebSocketAsync(url => url.Contains("/ws/chat/", StringComparison.Ordinal), _ => { });
        await second.GotoAsync(page.Url);
        await Assertions.Expect(second.GetByTestId("skeleton")).ToBeVisibleAsync();
        await AssertNoneAsync(second, "nothing has come");
    }

    [ChromiumFact]
    public async Task Chat_OnAPhone_HasNoViolation()
    {
        var options = Options();
        options.ViewportSize = new() { Width = 390, Height = 800 };
        options.HasTouch = true;
        await using var person = await home.NewPersonAsync(options);
        var page = await home.OpenAsync(person);
        await ChatHome.AskAndWaitAsync(page, "on a phone");
        await AssertNoneAsync(page, "phone");
        await page.GetByTestId("trace-open").ClickAsync();
        await Assertions.Expect(page.GetByTestId("trace-row").First).ToBeVisibleAsync();
        await AssertNoneAsync(page, "sheet");
        await page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(page.GetByTestId("trace-pane")).ToBeHiddenAsync();
        await page.GetByTestId("sidebar-toggle").ClickAsync();
        await Assertions.Expect(page.GetByTestId("sidebar")).ToBeVisibleAsync();
        await AssertNoneAsync(page, "drawer");
    }

    [ChromiumFact]
    public async Task OtherPages_HaveNoViolation()
    {
        await using var person = await home.NewPersonAsync(Options());
        var chat = await home.OpenAsync(person);
        await ChatHome.AskAndWaitAsync(chat, "seen on the classic page");
        var page = await person.NewPageAsync();
        foreach (var path in new[] { "/classic", $"/classic/{new Uri(chat.Url).Segments[^1]}", "/nowhere" })
        {
            await page.GotoAsync(new Uri(home.Service.Web, path).ToString());
            await AssertNoneAsync(page, path);
        }
    }

    [ChromiumFact]
    public async Task Announcements_OfARun_AreOneForEachStepAndNoneForTokens()
    {
        await using var person = await home.NewPersonAsync();
        var page = await home.OpenAsync(person);
        await page.EvaluateAsync("""
            () => {
              window.announced = [];
              const region = document.getElementById('announcements');
              new MutationObserver(() => window.announced.push(region.textContent)).observe(region, { childList: true, characterData: true, subtree: true });
            }
            """);

        await ChatHome.AskHeldAsync(page, "8");
        await home.LetGoAsync("8");
        await Assertions.Expect(page.GetByTestId("run")).ToHaveAttributeAsync("data-status", "completed");
        await page.WaitForFunctionAsync("() => window.announced.some(text => text.includes('Answer'))");

        var announced = string.Join(' ', await page.EvaluateAsync<string[]>("() => window.announced"));
        Assert.Equal(1, Regex.Count(announced, "Thought: It takes its time\\."));
        Assert.Equal(1, Regex.Count(announced, "Answer: It begins and ends\\."));
        Assert.Equal(1, Regex.Count(announced, "It begins"));
        Assert.Equal("polite", await page.GetByTestId("announcements").GetAttributeAsync("aria-live"));
    }

    [ChromiumTheory]
    [InlineData(ReducedMotion.NoPreference, "5", true)]
    [InlineData(ReducedMotion.Reduce, "9", false)]
    public async Task Motion_WhileARunGoesOn_IsThereOnlyForWhoWantsIt(ReducedMotion motion, string held, bool moves)
    {
        await using var person = await home.NewPersonAsync(new() { ReducedMotion = motion });
        var page = await home.OpenAsync(person);
        await ChatHome.AskHeldAsync(page, held);
        await Assertions.Expect(ChatHome.SessionOf(page, $"hold {held}").GetByTestId("session-busy")).ToBeVisibleAsync();

        Assert.Equal(
            moves, await page.EvaluateAsync<bool>("() => document.getAnimations().some(({ playState }) => playState === 'running')"));
        await home.LetGoAsync(held);
    }

    private static BrowserNewContextOptions Options() => new() { ReducedMotion = ReducedMotion.Reduce };

    private static async Task AssertNoneAsync(IPage page, string state)
    {
        var violations = await Axe.ViolationsInBothThemesAsync(page);
        Assert.True(violations.Length == 0, $"{state}:{Environment.NewLine}{violations}");
    }
}
