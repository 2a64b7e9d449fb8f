using Microsoft.Playwright;

namespace AgentStream.Tests.Browser.Shell;

/// <summary>Where the reader was: back, forward and a refresh lead there again.</summary>
public sealed class PlaceTests(ConversationHome home) : IClassFixture<ConversationHome>
{
    private const string TopOfFirst = "() => document.querySelector('[data-testid=run]:not([hidden])').getBoundingClientRect().top";

    [ChromiumFact]
    public async Task BackForwardAndRefresh_LeadToWhatWasRead()
    {
        await using var person = await home.NewPersonAsync();
        var page = await home.OpenAsync(person);
        await ChatHome.AskAndWaitAsync(page, "long to read");
        await ChatHome.AskAndWaitAsync(page, "calc after it");
        await page.GetByTestId("trace-fold").Last.ClickAsync();
        await page.EvaluateAsync("() => scrollTo(0, 900)");
        await SettledAsync(page);
        var read = await page.EvaluateAsync<double>(TopOfFirst);
        Assert.True(read < 0);

        await page.GetByTestId("new-chat").ClickAsync();
        await Assertions.Expect(page.GetByTestId("welcome")).ToBeVisibleAsync();
        await ChatHome.AskAndWaitAsync(page, "long again");
        await page.GoBackAsync();
        await ThereAsync(page, read);
        // What the reader had opened is open.
        await Assertions.Expect(page.GetByTestId("trace-fold").Last).ToHaveAttributeAsync("aria-expanded", "true");
        await Assertions.Expect(page.GetByTestId("jump")).ToBeVisibleAsync();

        // The other one was left at its end.
        await page.GoForwardAsync();
        await Assertions.Expect(ChatHome.RunOf(page, "long again")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByTestId("jump")).ToBeHiddenAsync();

        await page.GoBackAsync();
        await ThereAsync(page, read);
        await page.ReloadAsync();
        await ThereAsync(page, read);
        await Assertions.Expect(page.GetByTestId("trace-fold").Last).ToHaveAttributeAsync("aria-expanded", "true");
    }

    [ChromiumFact]
    public async Task Refresh_InStepsThatWereOpened_LeadsToTheSameStep()
    {
        await using var person = await home.NewPersonAsync();
        var page = await home.OpenAsync(person);
        await ChatHome.AskAndWaitAsync(page, "a long note");
        await ChatHome.AskAndWaitAsync(page, "long after it");
        await page.GetByTestId("trace-fold").First.ClickAsync();
        var result = page.GetByTestId("call-row");
        await result.ScrollIntoViewIfNeededAsync();
        await SettledAsync(page);
        var read = await result.EvaluateAsync<double>("step => step.getBoundingClientRect().top");

        await page.ReloadAsync();

        await Assertions.Expect(page.GetByTestId("trace-fold").First).ToHaveAttributeAsync("aria-expanded", "true");
        await page.WaitForFunctionAsync(
            "top => Math.abs(document.querySelector('[data-testid=call-row]').getBoundingClientRect().top - top) < 3", read);
    }

    [ChromiumFact]
    public async Task Refresh_WhereEarlierPagesWereRead_LoadsThemAgain()
    {
        await home.FillAsync("places", 55);
        await using var person = await home.NewPersonAsync();
        var page = await home.OpenAsync(person, "/chat/places");
        await Assertions.Expect(page.GetByTestId("run")).ToHaveCountAsync(50);
        await Assertions.Expect(page.Locator("#conversation").GetByText("question 55", new() { Exact = true })).ToBeInViewportAsync();
        await page.EvaluateAsync("scrollTo(0, 0)");
        await Assertions.Expect(page.GetByTestId("run")).ToHaveCountAsync(55);
        await page.EvaluateAsync("scrollTo(0, 300)");
        await SettledAsync(page);
        var read = await page.EvaluateAsync<double>(TopOfFirst);

        await page.ReloadAsync();

        await Assertions.Expect(page.GetByTestId("run")).ToHaveCountAsync(55);
        await ThereAsync(page, read);
    }

    // Two frames without a move, and what listens to scrolling has heard of it.
    private static Task SettledAsync(IPage page) =>
        page.WaitForFunctionAsync(
            "async () => { const at = scrollY; await new Promise(requestAnimationFrame); await new Promise(requestAnimationFrame); return "
                + "at === scrollY; }");

    private static Task ThereAsync(IPage page, double top) =>
        page.WaitForFunctionAsync(
            "top => { const first = document.querySelector('[data-testid=run]:not([hidden])'); return first && "
                + "Math.abs(first.getBoundingClientRect().top - top) < 3; }", top, new() { Timeout = ChatHome.Patience });
}
