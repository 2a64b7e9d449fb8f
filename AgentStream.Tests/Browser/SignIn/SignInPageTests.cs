using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using AgentStream.Tests.Browser.Accessibility;
using AgentStream.Tests.Browser.Shell;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace AgentStream.Tests.Browser.SignIn;

/// <summary>People sign in, each sees what is theirs, and whoever is signed out is told so and stays out.</summary>
public sealed partial class SignInPageTests(SignInHome home) : IClassFixture<SignInHome>
{
    private const string Question = "What is 17.5% of 2,340?";
    private const string Answer = "409.5";

    [ChromiumNodeFact]
    public async Task Provider_TwoPeopleAndKeysThatRotate_EachSeesTheirOwnAlone()
    {
        await using var first = await home.NewPersonAsync();
        await using var second = await home.NewPersonAsync();
        var anna = await home.SignInAtProviderAsync(first, "anna");
        await Expect(anna.GetByTestId("account")).ToContainTextAsync("Anna of the tests");
        await ChatHome.AskAndWaitAsync(anna, Question);

        await home.Provider.RotateAsync();
        var ben = await home.SignInAtProviderAsync(second, "ben");
        await Expect(ben.GetByTestId("account")).ToContainTextAsync("Ben of the tests");
        await ChatHome.AskAndWaitAsync(ben, "What is 2 + 2?");

        // The one who was there before the keys changed goes on.
        await ChatHome.AskAndWaitAsync(anna, "What is 3 + 3?");
        await anna.ReloadAsync();
        await Expect(ChatHome.RunOf(anna, Question)).ToContainTextAsync(Answer);
        await Expect(anna.GetByTestId("session")).ToHaveCountAsync(1);
        await Expect(ben.GetByTestId("session")).ToHaveCountAsync(1);
        await Expect(ChatHome.SessionOf(ben, "17.5")).ToHaveCountAsync(0);

        await ben.GotoAsync(anna.Url);
        await Expect(ben.GetByTestId("connection-state")).ToContainTextAsync("Nothing is here");
        await Expect(ben.GetByTestId("run")).ToHaveCountAsync(0);
        var answer = await second.APIRequest.GetAsync(new Uri(home.Api, $"/api/sessions/{anna.Url.Split('/')[^1]}").ToString());
        Assert.Equal(404, answer.Status);
        Assert.DoesNotContain(Answer, await answer.TextAsync(), StringComparison.Ordinal);
    }

    [ChromiumTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Code_TwoPeople_EachSeesTheirOwnAlone(bool withTickets)
    {
        var web = withTickets ? home.WebOfAnotherName : home.Web;
        await using var first = await home.NewPersonAsync();
        await using var second = await home.NewPersonAsync();
        var clara = await SignInHome.SignInWithCodeAsync(first, web, $"Clara {withTickets}");
        var dora = await SignInHome.SignInWithCodeAsync(second, web, $"Dora {withTickets}");
        Assert.Equal(withTickets ? "ticket" : "cookie", await clara.GetByTestId("account").GetAttributeAsync("data-access"));
        await ChatHome.AskAndWaitAsync(clara, Question);
        await Expect(ChatHome.SessionOf(clara, "17.5")).ToHaveCountAsync(1);

        await dora.ReloadAsync();
        await Expect(dora.GetByTestId("sessions")).ToContainTextAsync("No sessions yet");
        await dora.GotoAsync(clara.Url);
        await Expect(dora.GetByTestId("connection-state")).ToContainTextAsync("Nothing is here");
        await Expect(dora.GetByTestId("run")).ToHaveCountAsync(0);

        // A file takes the same way as everything else.
        await clara.GetByTestId("session-menu").Locator("summary").ClickAsync();
        var file = await clara.RunAndWaitForDownloadAsync(() => clara.GetByTestId("export-markdown").ClickAsync());
        Assert.Contains(Answer, await File.ReadAllTextAsync(await file.PathAsync()), StringComparison.Ordinal);

        if (withTickets)
        {
            await ShareAndRevokeAsync(clara);
        }

        // So does the page without scripts, for which this server asks.
        await clara.GetByTestId("classic-link").ClickAsync();
        await Expect(clara.GetByTestId("answer").First).ToContainTextAsync(Answer);
    }

    [ChromiumTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SignOut_InOneTab_IsToldInTheOtherWhichKeepsTheDraftAndStaysAway(bool withTickets)
    {
        await using var person = await home.NewPersonAsync();
        var web = withTickets ? home.WebOfAnotherName : home.Web;
        var page = await SignInHome.SignInWithCodeAsync(person, web, "Emma");
        await ChatHome.AskAndWaitAsync(page, Question);
        await page.GetByTestId("message-input").FillAsync("a thought that is not finished");
        var other = await person.NewPageAsync();
        await other.GotoAsync(web.ToString());
        await ChatHome.ConnectedAsync(other);
        var sockets = 0;
        page.WebSocket += (_, _) => sockets++;

        await other.GetByTestId("sign-out").ClickAsync();

        await Expect(other.GetByTestId("news")).ToContainTextAsync("You are signed out.");
        await Expect(page.GetByTestId("signed-out")).ToBeVisibleAsync();
        await Expect(page.GetByTestId("connection-state")).ToHaveAttributeAsync("data-state", "refused");
        await Expect(page.GetByTestId("connection-state")).ToContainTextAsync("Signed out");
        await Expect(page.GetByTestId("message-input")).ToHaveValueAsync("a thought that is not finished");
        Assert.Equal(0, sockets);

        var address = page.Url;
        await page.GetByTestId("signed-out").GetByRole(AriaRole.Link).ClickAsync();
        await page.GetByTestId("name").FillAsync("Emma");
        await page.GetByTestId("code").FillAsync(SignInHome.Code);
        await page.GetByTestId("sign-in").ClickAsync();
        await ChatHome.ConnectedAsync(page);
        Assert.Equal(address, page.Url);
        await Expect(ChatHome.RunOf(page, Question)).ToContainTextAsync(Answer);
        await Expect(page.GetByTestId("message-input")).ToHaveValueAsync("a thought that is not finished");
    }

    [ChromiumFact]
    public async Task SignIn_ByAnotherPersonInTheSameBrowser_ShowsNothingOfTheOneBefore()
    {
        await using var person = await home.NewPersonAsync();
        var page = await SignInHome.SignInWithCodeAsync(person, home.Web, "Frida");
        await ChatHome.AskAndWaitAsync(page, Question);
        await page.GetByTestId("message-input").FillAsync("what only Frida shall see");
        var address = page.Url;
        await page.GetByTestId("sign-out").ClickAsync();
        await Expect(page.GetByTestId("news")).ToBeVisibleAsync();
        Assert.Equal("", await Axe.ViolationsInBothThemesAsync(page));
        await page.GetByTestId("name").FillAsync("Greta");
        await page.GetByTestId("code").FillAsync("what she remembers of it");
        await page.GetByTestId("sign-in").ClickAsync();
        await Expect(page.GetByTestId("trouble")).ToBeVisibleAsync();
        Assert.Equal("", await Axe.ViolationsInBothThemesAsync(page));

        page = await SignInHome.SignInWithCodeAsync(person, home.Web, "Greta");
        await page.GotoAsync(address);
        await Expect(page.GetByTestId("connection-state")).ToContainTextAsync("Nothing is here");
        await Expect(page.GetByTestId("run")).ToHaveCountAsync(0);
        await Expect(page.GetByTestId("message-input")).ToHaveValueAsync("");
    }

    [ChromiumNodeFact]
    public async Task SignOut_AfterASignInAtTheProvider_SignsOutThereToo()
    {
        await using var person = await home.NewPersonAsync();
        var page = await home.SignInAtProviderAsync(person, "hanna");
        await page.GetByTestId("sign-out").ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { NameRegex = Yes() }).ClickAsync();
        await Expect(page.GetByTestId("news")).ToContainTextAsync("You are signed out.");

        // Were the provider still to know them, it would let them in without asking.
        await page.GetByTestId("provider").ClickAsync();
        await Expect(page.GetByTestId("login")).ToBeVisibleAsync();
    }

    /// <summary>Whoever has a link sees the session live, and can do nothing else, until the link is revoked.</summary>
    private async Task ShareAndRevokeAsync(IPage owner)
    {
        await OpenSharingAsync(owner);
        await owner.GetByTestId("share-make").ClickAsync();
        var address = owner.GetByTestId("share-address");
        await Expect(address).ToHaveValueAsync(LinkToASession());
        await Expect(owner.GetByTestId("share-link")).ToHaveCountAsync(1);
        Assert.Equal("", await Axe.ViolationsAsync(owner));

        await using var stranger = await home.NewPersonAsync();
        var page = await stranger.NewPageAsync();
        var asked = new ConcurrentQueue<string>();
        page.Request += (_, request) => asked.Enqueue(request.IsNavigationRequest ? "" : request.Url);
        page.WebSocket += (_, socket) => asked.Enqueue(socket.Url);
        var refused = new ConcurrentQueue<string>();
        page.Response += (_, response) => refused.Enqueue(response.Ok ? "" : $"{response.Status} {response.Url}");
        await page.GotoAsync(await address.InputValueAsync());
        await ChatHome.ConnectedAsync(page);
        await Expect(ChatHome.RunOf(page, Question)).ToContainTextAsync(Answer);
        await Expect(page.GetByTestId("message-input")).ToHaveCountAsync(0);
        await Expect(page.GetByTestId("sidebar")).ToHaveCountAsync(0);
        await Expect(page.GetByTestId("edit-message")).ToHaveCountAsync(0);
        await Expect(page.GetByTestId("regenerate")).ToBeHiddenAsync();
        Assert.DoesNotContain("asl_", page.Url, StringComparison.Ordinal);
        Assert.DoesNotContain(asked, url => url.Contains("asl_", StringComparison.Ordinal));
        Assert.Equal("", await Axe.ViolationsAsync(page));

        await owner.Keyboard.PressAsync("Escape");
        await ChatHome.AskAndWaitAsync(owner, "What is 4 + 4?");
        await Expect(ChatHome.RunOf(page, "What is 4 + 4?")).ToContainTextAsync("8");
        await page.ReloadAsync();
        await Expect(ChatHome.RunOf(page, Question)).ToContainTextAsync(Answer);
        await page.GetByTestId("session-menu").Locator("summary").ClickAsync();
        var file = await page.RunAndWaitForDownloadAsync(() => page.GetByTestId("export-markdown").ClickAsync());
        Assert.Contains(Answer, await File.ReadAllTextAsync(await file.PathAsync()), StringComparison.Ordinal);

        Assert.DoesNotContain(refused, response => response.Length > 0);
        await OpenSharingAsync(owner);
        await owner.GetByTestId("share-revoke").ClickAsync();
        await Expect(owner.GetByTestId("share-link")).ToHaveCountAsync(0);
        await Expect(page.GetByTestId("shared-ended")).ToBeVisibleAsync();
        await Expect(page.GetByTestId("connection-state")).ToContainTextAsync("This link is over");
        await page.ReloadAsync();
        await Expect(page.GetByTestId("shared-ended")).ToBeVisibleAsync();
        await Expect(page.GetByTestId("run")).ToHaveCountAsync(0);
        await owner.Keyboard.PressAsync("Escape");
    }

    private static async Task OpenSharingAsync(IPage owner)
    {
        // It may be open still, from a download.
        if (await owner.GetByTestId("session-menu").GetAttributeAsync("open") is null)
        {
            await owner.GetByTestId("session-menu").Locator("summary").ClickAsync();
        }

        await owner.GetByTestId("share-open").ClickAsync();
        await Expect(owner.GetByTestId("share")).ToBeVisibleAsync();
    }

    [GeneratedRegex("/shared/[^/#]+#asl_")]
    private static partial Regex LinkToASession();

    [GeneratedRegex("^Yes")]
    private static partial Regex Yes();
}
