using AgentStream.Tests.Distributed;
using AgentStream.Tests.Support;
using Microsoft.Playwright;

namespace AgentStream.Tests.Browser.Shell;

/// <summary>An approval from the model's wish to the tool's result, in two tabs on the real service.</summary>
public sealed class ApprovalPageTests(ChromiumBrowser chromium) : IClassFixture<ChromiumBrowser>
{
    private const string Plan = """
        { "scripts": [ { "replies": [
            [ { "tool_call": { "name": "save_note", "arguments": { "text": "buy milk" } } } ],
            [ { "text": "So be it." } ]
        ] } ] }
        """;

    [ChromiumFact]
    public async Task Approval_AnsweredInOneTab_ClosesInAllAndRunsWithTheEditedArguments()
    {
        using var plan = new TemporaryDirectory();
        await using var service = await StartAsync(plan);
        await using var person = await chromium.Browser.NewContextAsync();
        var page = await OpenAsync(person, service.Web);
        await ChatHome.AskAsync(page, "a note, please");
        await Assertions.Expect(page.GetByTestId("approval")).ToContainTextAsync("save_note", new() { Timeout = ChatHome.Patience });
        var second = await OpenAsync(person, new Uri(page.Url));
        await Assertions.Expect(second.GetByTestId("approval")).ToBeVisibleAsync(new() { Timeout = ChatHome.Patience });

        await page.GetByTestId("approval-arguments").FillAsync("""{ "text": "buy oat milk" }""");
        await page.GetByTestId("approve").ClickAsync();

        foreach (var tab in new[] { page, second })
        {
            await Assertions.Expect(tab.GetByTestId("run")).ToHaveAttributeAsync("data-status", "completed", new() { Timeout = ChatHome.Patience });
            await Assertions.Expect(tab.GetByTestId("approval")).ToHaveCountAsync(0);
        }

        Assert.Equal(1, service.CountNotes());
    }

    [ChromiumFact]
    public async Task Approval_Refused_RunsNothingAndTheRunGoesOn()
    {
        using var plan = new TemporaryDirectory();
        await using var service = await StartAsync(plan);
        await using var person = await chromium.Browser.NewContextAsync();
        var page = await OpenAsync(person, service.Web);
        await ChatHome.AskAsync(page, "a note, please");

        await page.GetByTestId("approval-reason").FillAsync("We have milk.", new() { Timeout = ChatHome.Patience });
        await page.GetByTestId("refuse").ClickAsync();

        await Assertions.Expect(page.GetByTestId("answer")).ToHaveTextAsync("So be it.", new() { Timeout = ChatHome.Patience });
        Assert.Equal(0, service.CountNotes());
    }

    private static async Task<StandaloneService> StartAsync(TemporaryDirectory plan)
    {
        await File.WriteAllTextAsync(plan.File("plan.json"), Plan);
        var service = new StandaloneService(
            ("AgentStream__Models__scripted__ScriptPath", plan.File("plan.json")),
            ("AgentStream__Agents__assistant__Approvals__0", "save_note"));
        await service.StartAsync();
        return service;
    }

    private static async Task<IPage> OpenAsync(IBrowserContext person, Uri address)
    {
        var page = await person.NewPageAsync();
        await page.GotoAsync(address.ToString());
        await ChatHome.ConnectedAsync(page);
        return page;
    }
}
