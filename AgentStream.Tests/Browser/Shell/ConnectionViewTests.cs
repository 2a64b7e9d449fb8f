using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace AgentStream.Tests.Browser.Shell;

/// <summary>What the page says of its connection, and whether it is true.</summary>
public sealed class ConnectionViewTests(ChatHome home) : IClassFixture<ChatHome>
{
    [ChromiumFact]
    public async Task Offline_SaysSoAndWhatWaits_AndDeliversItOnceWhenItIsBack()
    {
        await using var person = await home.NewPersonAsync();
        var page = await home.OpenAsync(person);
        await ChatHome.AskAndWaitAsync(page, "while online");

        await person.SetOfflineAsync(true);
        await Assertions.Expect(page.GetByTestId("connection-state"))
            .Not.ToHaveAttributeAsync("data-state", "connected", new() { Timeout = ChatHome.Patience });
        await ChatHome.AskAsync(page, "while offline");
        await Assertions.Expect(page.GetByTestId("pending-message").GetByTestId("message-status")).ToHaveTextAsync("Waiting to be sent");
        await Assertions.Expect(page.GetByTestId("connection-state")).ToContainTextAsync("1 message waits");
        await Assertions.Expect(page.GetByTestId("connection-state"))
            .ToHaveAttributeAsync("data-state", "reconnecting", new() { Timeout = ChatHome.Patience });
        await Assertions.Expect(page.GetByTestId("connection-state")).ToContainTextAsync("Offline");

        await person.SetOfflineAsync(false);
        await Assertions.Expect(ChatHome.RunOf(page, "while offline"))
            .ToHaveAttributeAsync("data-status", "completed", new() { Timeout = ChatHome.Patience });
        Assert.Equal(1, await ChatHome.RunOf(page, "while offline").CountAsync());
        await Assertions.Expect(page.GetByTestId("connection-state")).Not.ToContainTextAsync("waits");
    }

    [ChromiumFact]
    public async Task Now_WhileReconnecting_EndsThePause()
    {
        await using var person = await home.NewPersonAsync();
        var page = await person.NewPageAsync();
        var refuse = true;
        await page.RouteWebSocketAsync(url => url.Contains("/ws/chat/", StringComparison.Ordinal), socket =>
        {
            if (refuse)
            {
                socket.CloseAsync(new() { Code = 4500 });
            }
            else
            {
                socket.ConnectToServer();
            }
        });
        await page.Clock.InstallAsync();
        await page.GotoAsync(home.Service.Web.ToString());
        var state = page.GetByTestId("connection-state");
        await Assertions.Expect(state).ToHaveAttributeAsync("data-state", "reconnecting");
        // From here on no pause ends by itself.
        await page.Clock.PauseAtAsync(DateTime.UtcNow.AddMinutes(1));
        await Assertions.Expect(state).ToContainTextAsync(new Regex("Reconnecting in [1-9][0-9]* s"));

        refuse = false;
        await page.GetByTestId("reconnect-now").ClickAsync();

        await ChatHome.ConnectedAsync(page);
    }

    [ChromiumFact]
    public async Task MissedEntries_AfterAnInterruption_AreCaughtUpWith()
    {
        await using var person = await home.NewPersonAsync();
        await using var other = await home.NewPersonAsync();
        var page = await home.OpenAsync(person);
        await ChatHome.AskHeldAsync(page, "5");
        var second = await home.OpenAsync(other, new Uri(page.Url).AbsolutePath);

        await page.GetByTestId("connection-open").ClickAsync();
        await page.GetByTestId("connect-toggle").ClickAsync();
        await Assertions.Expect(page.GetByTestId("connection-state")).ToHaveAttributeAsync("data-state", "disconnected");
        await home.LetGoAsync("5");
        await Assertions.Expect(second.GetByTestId("answer")).ToHaveTextAsync("It begins and ends.", new() { Timeout = ChatHome.Patience });
        await page.GetByTestId("connect-toggle").ClickAsync();

        await Assertions.Expect(page.GetByTestId("connection-state")).ToContainTextAsync("Caught up");
        await Assertions.Expect(page.GetByTestId("answer")).ToHaveTextAsync("It begins and ends.", new() { Timeout = ChatHome.Patience });
        await Assertions.Expect(page.Locator("[data-fact=Sockets]"))
            .ToHaveTextAsync(new Regex("[1-9][0-9]* resumed"), new() { Timeout = ChatHome.Patience });
    }

    [ChromiumFact]
    public async Task DebugView_OneClickAway_TellsOffsetEpochAndLastFrames()
    {
        await using var person = await home.NewPersonAsync();
        var page = await home.OpenAsync(person);
        await ChatHome.AskAndWaitAsync(page, "something to count");

        await page.GetByTestId("connection-open").ClickAsync();

        await Assertions.Expect(page.GetByTestId("connection-frames"))
            .ToContainTextAsync("run_finished", new() { Timeout = ChatHome.Patience });
        var offset = await page.Locator("[data-fact=Offset]").TextContentAsync();
        Assert.Equal(offset, await page.Locator("[data-fact='Offset of the server']").TextContentAsync());
        Assert.Matches("^[A-Za-z0-9_-]+$", (await page.Locator("[data-fact=Epoch]").TextContentAsync())!);
        await Assertions.Expect(page.Locator("[data-fact=Heartbeats]")).ToHaveTextAsync(new Regex("none yet|, the last .* ago"));
        await Assertions.Expect(page.Locator("[data-fact=Sockets]")).ToContainTextAsync("0 resumed");
        await page.GetByTestId("connection-ping").ClickAsync();
        await Assertions.Expect(page.Locator("[data-fact='Round trip']")).ToContainTextAsync("ms", new() { Timeout = ChatHome.Patience });
        await page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(page.GetByTestId("connection-view")).ToBeHiddenAsync();
    }
}
