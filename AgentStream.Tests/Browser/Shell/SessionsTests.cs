using System.Globalization;
using System.Web;
using Microsoft.Playwright;

namespace AgentStream.Tests.Browser.Shell;

/// <summary>The list of sessions, and going from one to another.</summary>
public sealed class SessionsTests(ChatHome home) : IClassFixture<ChatHome>
{
    [ChromiumFact]
    public async Task List_AfterAQuestion_HasItUnderToday()
    {
        await using var person = await home.NewPersonAsync();
        var page = await home.OpenAsync(person);

        await ChatHome.AskAndWaitAsync(page, "first of the list");

        var group = page.GetByTestId("session-group").Filter(new() { HasText = "first of the list" });
        await Assertions.Expect(group.GetByRole(AriaRole.Heading)).ToHaveTextAsync("Today");
        await Assertions.Expect(group.Locator("[aria-current=page]")).ToHaveTextAsync("first of the list", new() { UseInnerText = true });
        await Assertions.Expect(page.GetByTestId("session-title")).ToHaveTextAsync("first of the list");
    }

    [ChromiumFact]
    public async Task BackAndForward_BetweenSessions_RestoreThemWithoutLoadingThePage()
    {
        await using var person = await home.NewPersonAsync();
        var page = await home.OpenAsync(person);
        await ChatHome.AskAndWaitAsync(page, "the older one");
        var older = page.Url;
        await page.EvaluateAsync("() => { window.sameDocument = true; }");

        await page.GetByTestId("new-chat").ClickAsync();
        await Assertions.Expect(page.GetByTestId("welcome")).ToBeVisibleAsync(Visible());
        await ChatHome.AskAndWaitAsync(page, "the newer one");
        await page.GoBackAsync();
        await Assertions.Expect(ChatHome.RunOf(page, "the older one")).ToBeVisibleAsync(Visible());
        Assert.Equal(older, page.Url);
        await Assertions.Expect(ChatHome.RunOf(page, "the newer one")).ToHaveCountAsync(0);
        await page.GoForwardAsync();
        await Assertions.Expect(ChatHome.RunOf(page, "the newer one")).ToBeVisibleAsync(Visible());
        await ChatHome.SessionOf(page, "the older one").GetByRole(AriaRole.Link).ClickAsync();
        await Assertions.Expect(ChatHome.RunOf(page, "the older one")).ToBeVisibleAsync(Visible());

        await ChatHome.ConnectedAsync(page);
        Assert.True(await page.EvaluateAsync<bool>("() => window.sameDocument === true"));
        Assert.Equal(1, await page.GetByTestId("run").CountAsync());
    }

    [ChromiumFact]
    public async Task BackToARunThatGoesOn_ShowsAllOfItOnce()
    {
        await using var person = await home.NewPersonAsync();
        var page = await home.OpenAsync(person);
        await ChatHome.AskHeldAsync(page, "1");

        await page.GetByTestId("new-chat").ClickAsync();
        await Assertions.Expect(page.GetByTestId("welcome")).ToBeVisibleAsync(Visible());
        await Assertions.Expect(ChatHome.SessionOf(page, "hold 1").GetByTestId("session-busy")).ToHaveTextAsync("working");
        await home.LetGoAsync("1");

        // Nobody tells this tab that a run of another session is over: it asks.
        await Assertions.Expect(ChatHome.SessionOf(page, "hold 1").GetByTestId("session-busy"))
            .ToBeHiddenAsync(new() { Timeout = ChatHome.Patience });
        await page.GoBackAsync();
        await Assertions.Expect(page.GetByTestId("answer")).ToHaveTextAsync("It begins and ends.", new() { Timeout = ChatHome.Patience });
        Assert.Equal(1, await page.GetByTestId("run").CountAsync());
    }

    [ChromiumFact]
    public async Task DeepLink_ToARunThatGoesOn_ShowsTheSameInBothTabs()
    {
        await using var person = await home.NewPersonAsync();
        await using var other = await home.NewPersonAsync();
        var page = await home.OpenAsync(person);
        await ChatHome.AskHeldAsync(page, "2");

        var second = await home.OpenAsync(other, new Uri(page.Url).AbsolutePath);
        await Assertions.Expect(ChatHome.RunOf(second, "hold 2")).ToContainTextAsync("It begins", new() { Timeout = ChatHome.Patience });
        await home.LetGoAsync("2");

        foreach (var tab in new[] { page, second })
        {
            await Assertions.Expect(tab.GetByTestId("answer"))
                .ToHaveTextAsync("It begins and ends.", new() { Timeout = ChatHome.Patience });
        }
    }

    [ChromiumFact]
    public async Task Rename_InItsRow_ShowsInTheOtherTabAndAfterAReload()
    {
        await using var person = await home.NewPersonAsync();
        var page = await home.OpenAsync(person);
        await ChatHome.AskAndWaitAsync(page, "badly named");
        var second = await home.OpenAsync(person, new Uri(page.Url).AbsolutePath);

        await ChatHome.SessionOf(page, "badly named").GetByRole(AriaRole.Link).FocusAsync();
        await page.Keyboard.PressAsync("F2");
        await page.GetByTestId("session-title-input").FillAsync("Well named");
        await page.Keyboard.PressAsync("Enter");

        await Assertions.Expect(page.GetByTestId("session-title")).ToHaveTextAsync("Well named");
        await Assertions.Expect(ChatHome.SessionOf(second, "Well named")).ToBeVisibleAsync(Visible());
        await page.ReloadAsync();
        await Assertions.Expect(ChatHome.SessionOf(page, "Well named")).ToBeVisibleAsync(Visible());
        await Assertions.Expect(page.GetByTestId("session-title")).ToHaveTextAsync("Well named", new() { Timeout = ChatHome.Patience });
    }

    [ChromiumFact]
    public async Task Search_ByTitle_ShowsOnlyWhatFits()
    {
        await using var person = await home.NewPersonAsync();
        var page = await home.OpenAsync(person);
        await ChatHome.AskAndWaitAsync(page, "needle in here");
        await page.GetByTestId("new-chat").ClickAsync();
        await ChatHome.AskAndWaitAsync(page, "only straw");

        await page.Keyboard.PressAsync("Control+k");
        await Assertions.Expect(page.GetByTestId("session-search")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("NEEDLE");

        await Assertions.Expect(page.GetByTestId("session")).ToHaveCountAsync(1, new() { Timeout = ChatHome.Patience });
        await Assertions.Expect(page.GetByTestId("session")).ToContainTextAsync("needle in here");
        await page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(ChatHome.SessionOf(page, "only straw")).ToBeVisibleAsync(Visible());
    }

    [ChromiumFact]
    public async Task Delete_OnlyWhenConfirmed_TakesItFromEveryTab()
    {
        await using var person = await home.NewPersonAsync();
        var page = await home.OpenAsync(person);
        await ChatHome.AskAndWaitAsync(page, "to be deleted");
        var second = await home.OpenAsync(person, new Uri(page.Url).AbsolutePath);
        var row = ChatHome.SessionOf(page, "to be deleted");

        await row.HoverAsync();
        await row.GetByTestId("session-delete").ClickAsync();
        await page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(row).ToBeVisibleAsync(Visible());
        await row.HoverAsync();
        await row.GetByTestId("session-delete").ClickAsync();
        await page.GetByTestId("confirm-yes").ClickAsync();

        foreach (var tab in new[] { page, second })
        {
            await Assertions.Expect(ChatHome.SessionOf(tab, "to be deleted")).ToHaveCountAsync(0, new() { Timeout = ChatHome.Patience });
            await Assertions.Expect(tab.GetByTestId("welcome")).ToBeVisibleAsync(Visible());
            await Assertions.Expect(tab.GetByTestId("run")).ToHaveCountAsync(0);
        }
    }

    [ChromiumFact]
    public async Task Delete_ByKeyboard_GoesOnWithTheNextOne()
    {
        await using var person = await home.NewPersonAsync();
        var page = await home.OpenAsync(person);
        foreach (var title in new[] { "keys below", "keys gone", "keys open" })
        {
            await ChatHome.AskAndWaitAsync(page, title);
            await page.GetByTestId("new-chat").ClickAsync();
        }

        await ChatHome.SessionOf(page, "keys gone").GetByRole(AriaRole.Link).FocusAsync();
        await page.Keyboard.PressAsync("Delete");
        await page.GetByTestId("confirm-yes").PressAsync("Enter");

        await Assertions.Expect(ChatHome.SessionOf(page, "keys gone")).ToHaveCountAsync(0, new() { Timeout = ChatHome.Patience });
        await Assertions.Expect(page.Locator(".session-row-link:focus")).ToHaveCountAsync(1);
        await Assertions.Expect(page.GetByTestId("welcome")).ToBeVisibleAsync();
    }

    [ChromiumFact]
    public async Task List_OfThousands_ComesPageByPageUnderItsDaysAndCutsLongTitles()
    {
        await using var person = await home.NewPersonAsync();
        var page = await person.NewPageAsync();
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        await page.RouteAsync(url => new Uri(url).AbsolutePath == "/api/sessions", route =>
        {
            var from = HttpUtility.ParseQueryString(new Uri(route.Request.Url).Query)["page_token"] is { } token
                ? int.Parse(token, CultureInfo.InvariantCulture)
                : 0;
            var sessions = Enumerable.Range(from, 50).Select(number => new
            {
                session_id = $"made-up-{number}",
                owner = "anonymous",
                title = $"Session {number} {new string('w', 150)}",
                created_at = now - (number * 3_600),
                updated_at = now - (number * 3_600),
                last_seq = 1,
                messages = 1,
                busy = false,
            });
            return route.FulfillAsync(new()
            {
                Json = new { sessions, next = from + 50 < 3_000 ? $"{from + 50}" : null },
                Headers = [KeyValuePair.Create("Access-Control-Allow-Origin", "*")],
            });
        });
        await page.GotoAsync(home.Service.Web.ToString());
        await Assertions.Expect(page.GetByTestId("session")).ToHaveCountAsync(50, new() { Timeout = ChatHome.Patience });

        await page.GetByTestId("sessions-more").ClickAsync();
        await Assertions.Expect(page.GetByTestId("session")).ToHaveCountAsync(100, new() { Timeout = ChatHome.Patience });
        await page.GetByTestId("sessions-more").ClickAsync();

        await Assertions.Expect(page.GetByTestId("session")).ToHaveCountAsync(150, new() { Timeout = ChatHome.Patience });
        var days = await page.GetByTestId("session-group").GetByRole(AriaRole.Heading).AllTextContentsAsync();
        Assert.Contains("Yesterday", days);
        Assert.Equal(days.Distinct(), days);
        Assert.True(await page.GetByTestId("sidebar").EvaluateAsync<bool>("sidebar => sidebar.scrollWidth <= sidebar.clientWidth"));
    }

    [ChromiumFact]
    public async Task Drawer_OnAPhone_KeepsTheFocusAndGivesItBack()
    {
        await using var person = await home.NewPersonAsync(
            new() { ViewportSize = new() { Width = 390, Height = 800 }, HasTouch = true, IsMobile = true });
        var page = await home.OpenAsync(person);
        await Assertions.Expect(page.GetByTestId("sidebar")).ToBeHiddenAsync();

        await page.GetByTestId("sidebar-toggle").TapAsync();
        await Assertions.Expect(page.GetByTestId("sidebar")).ToBeVisibleAsync(Visible());
        Assert.True(await page.EvaluateAsync<bool>("() => document.getElementById('sidebar').contains(document.activeElement)"));
        for (var i = 0; i < 40; i++)
        {
            await page.Keyboard.PressAsync("Tab");
            Assert.True(await page.EvaluateAsync<bool>(
                "() => document.activeElement === document.body || document.getElementById('sidebar').contains(document.activeElement)"));
        }

        await page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(page.GetByTestId("sidebar")).ToBeHiddenAsync(new() { Timeout = ChatHome.Patience });
        await Assertions.Expect(page.GetByTestId("sidebar-toggle")).ToBeFocusedAsync();
        Assert.True(await page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= window.innerWidth"));
    }

    private static LocatorAssertionsToBeVisibleOptions Visible() => new() { Timeout = ChatHome.Patience };
}
