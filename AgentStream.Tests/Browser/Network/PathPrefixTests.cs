using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using AgentStream.Tests.Browser.Shell;
using AgentStream.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace AgentStream.Tests.Browser.Network;

/// <summary>
/// Everything works below a path, behind a proxy that takes it off and one that leaves it,
/// where the proxy says the path and where the service was told.
/// </summary>
public sealed class PathPrefixTests(ProxiedHome home) : IClassFixture<ProxiedHome>
{
    private const string Question = "What is 17.5% of 2,340?";
    private const string Answer = "409.5";

    [ChromiumTheory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public async Task Page_BelowAPath_AsksForNothingOutsideOfItAndMissesNothing(bool strips, bool tells)
    {
        await using var proxy = await PathProxy.StartAsync(home.Web(toldItsPath: !tells), strips, tells);
        await using var person = await NewPersonAsync();
        var page = await person.NewPageAsync();
        var trouble = new ConcurrentQueue<string>();
        page.Response += (_, response) => Note(trouble, response, proxy.Address);
        page.PageError += (_, error) => trouble.Enqueue(error);
        page.WebSocket += (_, socket) => Assert.StartsWith("/agents/ws/chat/", new Uri(socket.Url).AbsolutePath, StringComparison.Ordinal);

        await page.GotoAsync(proxy.Address.ToString());
        await ChatHome.ConnectedAsync(page);
        await ChatHome.AskAndWaitAsync(page, Question);
        await Expect(ChatHome.RunOf(page, Question)).ToContainTextAsync(Answer);
        Assert.StartsWith("/agents/chat/", new Uri(page.Url).AbsolutePath, StringComparison.Ordinal);

        // What comes later: a module, a style, the list of sessions, the whole as a file.
        await page.GetByTestId("help-open").ClickAsync();
        await Expect(page.GetByTestId("help")).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Escape");
        await page.GetByTestId("connection-open").ClickAsync();
        await Expect(page.GetByTestId("connection-view")).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Escape");
        await Expect(ChatHome.SessionOf(page, Question).First).ToBeVisibleAsync();
        var export = await person.APIRequest.GetAsync((await page.GetByTestId("export-markdown").GetAttributeAsync("href"))!);
        Assert.Contains(Answer, await export.TextAsync(), StringComparison.Ordinal);

        await page.ReloadAsync();
        await Expect(ChatHome.RunOf(page, Question)).ToContainTextAsync(Answer);
        await page.GetByTestId("new-chat").ClickAsync();
        await page.WaitForURLAsync(new Regex("/agents/chat/"));
        Assert.Empty(trouble);
    }

    [ChromiumTheory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task Form_BelowAPath_IsSentAndLeadsBack(bool strips, bool tells)
    {
        await using var proxy = await PathProxy.StartAsync(home.Web(toldItsPath: !tells), strips, tells);
        await using var person = await NewPersonAsync();
        var page = await person.NewPageAsync();
        await page.GotoAsync(new Uri(proxy.Address, "classic").ToString());
        await page.GetByTestId("message-input").FillAsync(Question);
        await page.GetByTestId("send").ClickAsync();

        await Expect(page.GetByTestId("answer")).ToContainTextAsync(Answer);
        Assert.StartsWith("/agents/classic/", new Uri(page.Url).AbsolutePath, StringComparison.Ordinal);
        await page.GotoAsync(new Uri(proxy.Address, "nowhere").ToString());
        await page.GetByRole(AriaRole.Link, new() { Name = "Back to the chat" }).ClickAsync();
        await ChatHome.ConnectedAsync(page);
    }

    [ChromiumTheory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task Events_BelowAPath_Stream(bool strips, bool tells)
    {
        await using var proxy = await PathProxy.StartAsync(home.Web(toldItsPath: !tells), strips, tells);
        using var client = new HttpClient { BaseAddress = proxy.Address, Timeout = TestTimeouts.Default };
        var session = $"s-{Guid.NewGuid():N}";
        using var accepted = await client.PostAsync(
            new Uri($"api/sessions/{session}/messages", UriKind.Relative),
            new StringContent($$"""{"message":"{{Question}}"}""", null, "application/json"));
        Assert.StartsWith($"/agents/api/sessions/{session}", accepted.Headers.Location!.ToString(), StringComparison.Ordinal);

        await using var stream = await client.GetStreamAsync(new Uri($"api/sessions/{session}/events?after=0", UriKind.Relative));
        using var reader = new StreamReader(stream);
        string? line;
        do
        {
            line = await reader.ReadLineAsync().WaitAsync(TestTimeouts.Default);
        }
        while (line is not null && !line.Contains(Answer, StringComparison.Ordinal));

        Assert.NotNull(line);
    }

    private async Task<IBrowserContext> NewPersonAsync()
    {
        SetDefaultExpectTimeout(ChatHome.Patience);
        var person = await home.Browser.NewContextAsync(new() { ReducedMotion = ReducedMotion.Reduce });
        person.SetDefaultTimeout(ChatHome.Patience);
        return person;
    }

    private static void Note(ConcurrentQueue<string> trouble, IResponse response, Uri address)
    {
        if (!response.Url.StartsWith(address.ToString(), StringComparison.Ordinal) || response.Status >= 400)
        {
            trouble.Enqueue($"{response.Status} {response.Url}");
        }
    }
}
