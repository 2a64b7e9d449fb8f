using System.Text.RegularExpressions;
using AgentStream.Tests.Browser.Accessibility;
using Microsoft.Playwright;

namespace AgentStream.Tests.Browser.Shell;

/// <summary>The page of all that runs, waits or queues.</summary>
public sealed partial class RunsPageTests(RunsPageTests.PricedHome home) : IClassFixture<RunsPageTests.PricedHome>
{
    [ChromiumFact]
    public async Task Runs_OfSeveralSessions_AreToldLive_AndCanBeStoppedAndOpened()
    {
        await using var person = await home.NewPersonAsync();
        var chat = await home.OpenAsync(person);
        await ChatHome.AskHeldAsync(chat, "1");
        var other = await home.OpenAsync(person);
        await ChatHome.AskHeldAsync(other, "2");

        var page = await OpenAsync(person);
        var first = LineOf(page, "hold 1");
        await Assertions.Expect(first).ToHaveAttributeAsync("data-status", "running");
        await Assertions.Expect(first).ToContainTextAsync("It begins");
        await Assertions.Expect(page.GetByTestId("runs-sum")).ToContainTextAsync("2 working");

        await LineOf(page, "hold 2").GetByTestId("live-stop").ClickAsync();
        await Assertions.Expect(LineOf(page, "hold 2")).ToHaveCountAsync(0);
        await Assertions.Expect(ChatHome.RunOf(other, "hold 2")).ToHaveAttributeAsync("data-status", "cancelled");

        // The list still has it, its own log says that it is over: nothing calls it work any more.
        var over = page.WaitForFunctionAsync(
            "() => document.querySelector('.line[data-status=completed]:not([data-over])') !== null "
                + "&& document.getElementById('sum').textContent === '' "
                + "&& document.getElementById('lines-title').textContent === 'Just finished'");
        await home.LetGoAsync("1");
        await over;
        await first.GetByRole(AriaRole.Link).ClickAsync();
        await Assertions.Expect(page).ToHaveURLAsync(chat.Url);
        await ChatHome.ConnectedAsync(page);
    }

    [ChromiumFact]
    public async Task Approval_OfAnotherSession_IsAnsweredFromTheInbox()
    {
        await using var person = await home.NewPersonAsync();
        var chat = await home.OpenAsync(person);
        await ChatHome.AskAsync(chat, "a note, please");
        await Assertions.Expect(chat.GetByTestId("approval")).ToBeVisibleAsync();

        var page = await OpenAsync(person);
        var asked = page.GetByTestId("asked");
        await Assertions.Expect(asked).ToContainTextAsync("save_note");
        await Assertions.Expect(asked).ToContainTextAsync("buy milk");
        await Assertions.Expect(page).ToHaveTitleAsync(AskingTitle());
        await asked.GetByTestId("asked-approve").ClickAsync();

        await Assertions.Expect(chat.GetByTestId("run")).ToHaveAttributeAsync("data-status", "completed");
        await Assertions.Expect(asked).ToHaveCountAsync(0);
    }

    [ChromiumFact]
    public async Task Keys_GoFromRunToRun_AndStopTheOneThatIsThere()
    {
        await using var person = await home.NewPersonAsync();
        var chat = await home.OpenAsync(person);
        await ChatHome.AskHeldAsync(chat, "3");
        var page = await OpenAsync(person);
        await Assertions.Expect(LineOf(page, "hold 3")).ToBeVisibleAsync();

        await page.Keyboard.PressAsync("j");
        while (!await LineOf(page, "hold 3").GetByRole(AriaRole.Link).EvaluateAsync<bool>("link => link === document.activeElement"))
        {
            await page.Keyboard.PressAsync("j");
        }

        await page.Keyboard.PressAsync("x");
        await Assertions.Expect(ChatHome.RunOf(chat, "hold 3")).ToHaveAttributeAsync("data-status", "cancelled");
    }

    [ChromiumFact]
    public async Task Cost_WithAPrice_StandsAtTheRunTheSessionAndTheDay()
    {
        await using var person = await home.NewPersonAsync(new() { Locale = "de-DE" });
        var page = await home.OpenAsync(person);
        await ChatHome.AskAndWaitAsync(page, "what does it cost");

        await Assertions.Expect(page.GetByTestId("run-line")).ToContainTextAsync(Euros());
        await Assertions.Expect(page.GetByTestId("session-cost")).ToHaveTextAsync(Euros());
        await page.ReloadAsync();
        await Assertions.Expect(page.GetByTestId("run-line")).ToContainTextAsync(Euros());
        await Assertions.Expect(page.GetByTestId("session-cost")).ToHaveTextAsync(Euros());

        var runs = await OpenAsync(person);
        await Assertions.Expect(runs.GetByTestId("runs-today")).ToContainTextAsync(Euros());
    }

    [ChromiumFact]
    public async Task Page_InEveryState_HasNoViolation()
    {
        const string Held = "5";
        await using var person = await home.NewPersonAsync();
        var empty = await person.NewPageAsync();
        await empty.RouteAsync("**/api/runs", route => route.FulfillAsync(new() { Json = new { runs = Array.Empty<int>() } }));
        await empty.GotoAsync(new Uri(home.Service.Web, "/runs").ToString());
        await Assertions.Expect(empty.GetByTestId("runs-empty")).ToBeVisibleAsync();
        Assert.Equal("", await Axe.ViolationsInBothThemesAsync(empty));

        var chat = await home.OpenAsync(person);
        await ChatHome.AskHeldAsync(chat, Held);
        var asking = await home.OpenAsync(person);
        await ChatHome.AskAsync(asking, "a note, please");
        await Assertions.Expect(asking.GetByTestId("approval")).ToBeVisibleAsync();
        var page = await OpenAsync(person);
        await Assertions.Expect(LineOf(page, $"hold {Held}")).ToContainTextAsync("It begins");
        await Assertions.Expect(page.GetByTestId("asked").First).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByTestId("worker").First).ToBeVisibleAsync();
        Assert.Equal("", await Axe.ViolationsInBothThemesAsync(page));

        await page.SetViewportSizeAsync(390, 800);
        Assert.Equal("", await Axe.ViolationsInBothThemesAsync(page));
        await page.GetByTestId("asked-refuse").First.ClickAsync();
        await home.LetGoAsync(Held);
        await Assertions.Expect(LineOf(page, $"hold {Held}")).ToHaveAttributeAsync("data-status", "completed");
        Assert.Equal("", await Axe.ViolationsInBothThemesAsync(page));
    }

    private async Task<IPage> OpenAsync(IBrowserContext person)
    {
        var page = await person.NewPageAsync();
        await page.GotoAsync(new Uri(home.Service.Web, "/runs").ToString());
        await Assertions.Expect(page.GetByTestId("runs-state")).ToHaveAttributeAsync("data-state", "live");
        return page;
    }

    private static ILocator LineOf(IPage page, string title) => page.GetByTestId("live-run").Filter(new() { HasText = title });

    [GeneratedRegex(@"^\(\d+\) Runs")]
    private static partial Regex AskingTitle();

    [GeneratedRegex(@"\d,\d\d\s€")]
    private static partial Regex Euros();

    /// <summary>A service whose model has a price, in euros.</summary>
    public sealed class PricedHome : ChatHome
    {
        protected override (string Name, string? Value)[] Settings =>
        [
            .. base.Settings,
            ("AgentStream__Prices__scripted__Input", "10000"),
            ("AgentStream__Prices__scripted__Output", "10000"),
            ("AgentStream__Web__Currency", "EUR"),
        ];
    }
}
