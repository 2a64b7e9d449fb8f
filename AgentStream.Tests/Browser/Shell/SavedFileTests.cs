using AgentStream.Tests.Browser.Accessibility;
using AgentStream.Tests.Support;
using Microsoft.Playwright;

namespace AgentStream.Tests.Browser.Shell;

/// <summary>A session as one file: it plays where there is no network, and asks nobody for anything.</summary>
public sealed class SavedFileTests(ChatHome home) : IClassFixture<ChatHome>
{
    private const string Question = "kept </script> for later";
    private const string Answer = "Hello from the plan.";

    [ChromiumFact]
    public async Task SavedFile_WithoutANetwork_ShowsTheSessionAndEachOfItsMoments()
    {
        await using var person = await home.NewPersonAsync();
        var page = await home.OpenAsync(person);
        await ChatHome.AskAndWaitAsync(page, Question);
        using var folder = new TemporaryDirectory();
        var address = await SaveAsync(page, folder);

        await using var reader = await home.NewPersonAsync(new() { Offline = true });
        var (saved, asked, troubles) = await ListenedAsync(reader);
        await saved.GotoAsync(address);

        await Assertions.Expect(saved.GetByTestId("run")).ToContainTextAsync(Question);
        await Assertions.Expect(saved.GetByText(Answer)).ToBeVisibleAsync();
        await Assertions.Expect(saved.GetByTestId("saved-note")).ToContainTextAsync("Saved on");
        Assert.Equal("", await Axe.ViolationsAsync(saved));

        await saved.GetByTestId("travel-slider").EvaluateAsync(
            "slider => { slider.value = '0'; slider.dispatchEvent(new Event('input')); slider.dispatchEvent(new Event('change')); }");
        await Assertions.Expect(saved.GetByText(Answer)).ToHaveCountAsync(0);
        Assert.EndsWith("#t=0.0", saved.Url, StringComparison.Ordinal);
        await saved.GetByTestId("travel-speed").SelectOptionAsync("20");
        await saved.GetByTestId("travel-play").ClickAsync();
        await Assertions.Expect(saved.GetByText(Answer)).ToBeVisibleAsync();

        var (later, askedLater, troublesLater) = await ListenedAsync(reader);
        await later.GotoAsync($"{address}#t=0.0");
        await Assertions.Expect(later.GetByTestId("travel-time")).ToBeVisibleAsync();
        await Assertions.Expect(later.GetByText(Answer)).ToHaveCountAsync(0);
        Assert.All(asked.Concat(askedLater), request => Assert.StartsWith("file:", request, StringComparison.Ordinal));
        Assert.Empty(troubles.Concat(troublesLater));
    }

    private static async Task<string> SaveAsync(IPage page, TemporaryDirectory folder)
    {
        await page.GetByTestId("session-menu").Locator("summary").ClickAsync();
        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByTestId("save-file").ClickAsync());
        Assert.EndsWith(".html", download.SuggestedFilename, StringComparison.Ordinal);
        var file = folder.File(download.SuggestedFilename);
        await download.SaveAsAsync(file);
        return new Uri(file).AbsoluteUri;
    }

    // What a page asks for and complains of, from its beginning.
    private static async Task<(IPage Page, List<string> Asked, List<string> Troubles)> ListenedAsync(IBrowserContext reader)
    {
        var page = await reader.NewPageAsync();
        List<string> asked = [];
        List<string> troubles = [];
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith("data:", StringComparison.Ordinal))
            {
                asked.Add(request.Url);
            }
        };
        page.PageError += (_, error) => troubles.Add(error);
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
            {
                troubles.Add(message.Text);
            }
        };
        return (page, asked, troubles);
    }
}
