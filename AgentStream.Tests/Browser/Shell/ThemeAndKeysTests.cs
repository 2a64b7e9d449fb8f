using Microsoft.Playwright;

namespace AgentStream.Tests.Browser.Shell;

/// <summary>The theme and the keyboard.</summary>
public sealed class ThemeAndKeysTests(ChatHome home) : IClassFixture<ChatHome>
{
    private const string Background = "() => getComputedStyle(document.body).backgroundColor";

    [ChromiumFact]
    public async Task Theme_Chosen_HoldsFromTheFirstPaintOn()
    {
        await using var person = await home.NewPersonAsync(new() { ColorScheme = ColorScheme.Light });
        await person.AddInitScriptAsync(
            "requestAnimationFrame(() => { window.firstTheme = document.documentElement.dataset.theme ?? 'none'; });");
        var page = await home.OpenAsync(person);
        var light = await page.EvaluateAsync<string>(Background);

        await page.GetByRole(AriaRole.Radio, new() { Name = "Dark" }).CheckAsync(new() { Force = true });
        var dark = await page.EvaluateAsync<string>(Background);
        Assert.NotEqual(light, dark);
        await page.ReloadAsync();
        await ChatHome.ConnectedAsync(page);
        Assert.Equal("dark", await page.EvaluateAsync<string>("() => window.firstTheme"));
        Assert.Equal(dark, await page.EvaluateAsync<string>(Background));

        await page.GetByRole(AriaRole.Radio, new() { Name = "System" }).CheckAsync(new() { Force = true });
        Assert.Equal(light, await page.EvaluateAsync<string>(Background));
        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        Assert.Equal(dark, await page.EvaluateAsync<string>(Background));
    }

    [ChromiumTheory]
    [InlineData("/classic")]
    [InlineData("/nowhere")]
    public async Task Theme_Chosen_HoldsOnTheOtherPagesToo(string path)
    {
        await using var person = await home.NewPersonAsync(new() { ColorScheme = ColorScheme.Light });
        var page = await home.OpenAsync(person);
        await page.GetByRole(AriaRole.Radio, new() { Name = "Dark" }).CheckAsync(new() { Force = true });
        var dark = await page.EvaluateAsync<string>(Background);

        await page.GotoAsync(new Uri(home.Service.Web, path).ToString());

        Assert.Equal(dark, await page.EvaluateAsync<string>(Background));
    }

    [ChromiumFact]
    public async Task Shortcuts_DoWhatTheHelpSays()
    {
        await using var person = await home.NewPersonAsync();
        var page = await home.OpenAsync(person);
        await ChatHome.AskAndWaitAsync(page, "by keyboard");

        await page.Keyboard.PressAsync("Control+/");
        await Assertions.Expect(page.GetByTestId("help")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByTestId("help").Locator("kbd").First).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(page.GetByTestId("help")).ToBeHiddenAsync();

        await page.Keyboard.PressAsync("Control+Shift+O");
        await Assertions.Expect(page.GetByTestId("welcome")).ToBeVisibleAsync(new() { Timeout = ChatHome.Patience });
        await Assertions.Expect(page.GetByTestId("message-input")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Alt+Shift+ArrowDown");
        await Assertions.Expect(page.GetByTestId("run")).ToHaveCountAsync(1, new() { Timeout = ChatHome.Patience });
        await page.Keyboard.PressAsync("Control+b");
        await Assertions.Expect(page.GetByTestId("sidebar")).ToBeHiddenAsync();
        await page.ReloadAsync();
        await Assertions.Expect(page.GetByTestId("sidebar")).ToBeHiddenAsync();
    }

    [ChromiumFact]
    public async Task Keyboard_Alone_ReachesEveryControlInAnOrderThatMakesSense()
    {
        await using var person = await home.NewPersonAsync();
        var page = await home.OpenAsync(person);
        await ChatHome.AskAndWaitAsync(page, "reach me");
        await page.EvaluateAsync("() => { document.activeElement.blur(); window.getSelection().removeAllRanges(); }");
        var reached = new List<string>();
        for (var i = 0; i < 200; i++)
        {
            await page.Keyboard.PressAsync("Tab");
            var id = await page.EvaluateAsync<string>(
                "() => document.activeElement.id || document.activeElement.dataset.testid || document.activeElement.className");
            reached.Add(id);
            if (id == "message")
            {
                break;
            }
        }

        string[] expected =
        [
            "skip", "new-chat", "session-search", "session-row-link", "session-rename", "session-delete", "help-open", "sidebar-toggle",
            "connection-open", "message",
        ];
        Assert.Equal(expected, reached.Where(expected.Contains).Distinct());
    }

    [ChromiumFact]
    public async Task Print_ShowsTheConversationAndNothingAroundIt()
    {
        await using var person = await home.NewPersonAsync(new() { ColorScheme = ColorScheme.Dark });
        var page = await home.OpenAsync(person);
        await ChatHome.AskAndWaitAsync(page, "on paper");

        await page.EmulateMediaAsync(new() { Media = Media.Print });

        await Assertions.Expect(page.GetByTestId("run")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByTestId("sidebar")).ToBeHiddenAsync();
        await Assertions.Expect(page.GetByTestId("message-input")).ToBeHiddenAsync();
        Assert.Equal("light", await page.EvaluateAsync<string>("() => getComputedStyle(document.documentElement).colorScheme"));
    }
}
