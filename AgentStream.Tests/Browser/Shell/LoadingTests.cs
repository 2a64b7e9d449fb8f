using Microsoft.Playwright;

namespace AgentStream.Tests.Browser.Shell;

/// <summary>What is there while nothing has come yet.</summary>
public sealed class LoadingTests(ChatHome home) : IClassFixture<ChatHome>
{
    [ChromiumFact]
    public async Task Session_WhoseServerIsSilent_ShowsAnOutlineUntilItComes()
    {
        await using var person = await home.NewPersonAsync();
        var page = await home.OpenAsync(person);
        await ChatHome.AskAndWaitAsync(page, "an outline first");
        var second = await person.NewPageAsync();
        var sockets = new List<IWebSocketRoute>();
        await second.RouteWebSocketAsync(url => url.Contains("/ws/chat/", StringComparison.Ordinal), sockets.Add);

        await second.GotoAsync(page.Url);

        await Assertions.Expect(second.GetByTestId("skeleton")).ToBeVisibleAsync();
        await Assertions.Expect(second.GetByTestId("welcome")).ToBeHiddenAsync();
        await Assertions.Expect(second.GetByTestId("session-title")).ToHaveTextAsync("an outline first");
        sockets[0].Send("""{"type":"connected","data":{"session_id":"s","epoch":"e1","last_seq":0,"resumed":false,"server_time":1}}""");
        sockets[0].Send(
            """{"type":"snapshot","data":{"session_id":"s","epoch":"e1","last_seq":0,"trimmed_through":0,"messages":[],"has_more":false,"queued_runs":[]}}""");
        await Assertions.Expect(second.GetByTestId("skeleton")).ToBeHiddenAsync();
        await Assertions.Expect(second.GetByTestId("welcome")).ToBeVisibleAsync();
    }

    [ChromiumFact]
    public async Task Session_WithoutAConnection_SaysThatItWaits()
    {
        await using var person = await home.NewPersonAsync();
        var page = await person.NewPageAsync();
        await page.RouteWebSocketAsync(
            url => url.Contains("/ws/chat/", StringComparison.Ordinal), socket => socket.CloseAsync(new() { Code = 4500 }));

        await page.GotoAsync(new Uri(home.Service.Web, "/chat/out-of-reach").ToString());

        await Assertions.Expect(page.GetByTestId("skeleton")).ToContainTextAsync("as soon as there is a connection");
    }

    [ChromiumFact]
    public async Task NewPage_WhoseServerIsSilent_CanBeAskedAtOnce()
    {
        await using var person = await home.NewPersonAsync();
        var page = await person.NewPageAsync();
        await page.RouteWebSocketAsync(url => url.Contains("/ws/chat/", StringComparison.Ordinal), _ => { });

        await page.GotoAsync(home.Service.Web.ToString());

        await Assertions.Expect(page.GetByTestId("welcome")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByTestId("skeleton")).ToBeHiddenAsync();
        await page.GetByTestId("quick-prompt").First.ClickAsync();
        await Assertions.Expect(page.GetByTestId("pending-message")).ToHaveCountAsync(1);
        await Assertions.Expect(page.GetByTestId("welcome")).ToBeHiddenAsync();
    }
}
