using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace AgentStream.Tests.Browser.Shell;

/// <summary>An approval from the model's wish to the tool's result, in two tabs on the real service.</summary>
public sealed class ApprovalPageTests(ChatHome home) : IClassFixture<ChatHome>
{
    [ChromiumFact]
    public async Task Approval_AnsweredInOneTab_ClosesInAllAndRunsWithTheEditedArguments()
    {
        var before = home.Service.CountNotes();
        await using var person = await home.NewPersonAsync();
        var page = await home.OpenAsync(person);
        await ChatHome.AskAsync(page, "a note, please");
        await Assertions.Expect(page.GetByTestId("approval")).ToContainTextAsync("save_note", new() { Timeout = ChatHome.Patience });
        var second = await home.OpenAsync(person, new Uri(page.Url).AbsolutePath);
        await Assertions.Expect(second.GetByTestId("approval")).ToBeVisibleAsync(new() { Timeout = ChatHome.Patience });
        foreach (var tab in new[] { page, second })
        {
            await Assertions.Expect(tab.Locator(".session-row-current").GetByTestId("session-busy")).ToHaveTextAsync("asks you");
            await Assertions.Expect(tab).ToHaveTitleAsync(new Regex("^❓ "));
        }

        await page.GetByTestId("approval-arguments").FillAsync("""{ "text": "buy oat milk" }""");
        await page.GetByTestId("approve").ClickAsync();

        foreach (var tab in new[] { page, second })
        {
            await Assertions.Expect(tab.GetByTestId("run"))
                .ToHaveAttributeAsync("data-status", "completed", new() { Timeout = ChatHome.Patience });
            await Assertions.Expect(tab.GetByTestId("approval")).ToHaveCountAsync(0);
            await AssertDecidedAsync(tab, "Approved, with arguments that were changed");
        }

        Assert.Equal(before + 1, home.Service.CountNotes());
        await page.ReloadAsync();
        await AssertDecidedAsync(page, "Approved, with arguments that were changed");
    }

    [ChromiumFact]
    public async Task Approval_Refused_RunsNothingAndSaysSoFromThenOn()
    {
        var before = home.Service.CountNotes();
        await using var person = await home.NewPersonAsync();
        var page = await home.OpenAsync(person);
        await ChatHome.AskAsync(page, "a note, please");

        await page.GetByTestId("approval-reason").FillAsync("We have milk.", new() { Timeout = ChatHome.Patience });
        await page.GetByTestId("refuse").ClickAsync();

        await Assertions.Expect(page.GetByTestId("answer")).ToHaveTextAsync("So be it.", new() { Timeout = ChatHome.Patience });
        Assert.Equal(before, home.Service.CountNotes());
        await AssertDecidedAsync(page, "Refused: We have milk.");
        await page.ReloadAsync();
        await AssertDecidedAsync(page, "Refused: We have milk.");
    }

    private static async Task AssertDecidedAsync(IPage page, string words)
    {
        await page.GetByTestId("trace-fold").ClickAsync();
        await Assertions.Expect(page.GetByTestId("call").GetByTestId("decision")).ToContainTextAsync(words);
    }
}
