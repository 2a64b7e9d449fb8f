using AgentStream.Tests.Browser;
using AgentStream.Tests.Browser.Shell;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace AgentStream.Tests.Deploy.Team;

/// <summary>The complete example of docs/operations.md as people find it: nginx, TLS, a provider, two API servers, two workers.</summary>
public sealed class TeamExampleTests(ChromiumBrowser chromium) : IClassFixture<ChromiumBrowser>
{
    private const string Question = "What is 2340*17.5/100?";
    private const string Answer = "409.5";

    [TeamFact]
    public async Task Team_AsItStandsInDeploy_AnswersWhoSignsInAndOutlivesAnApiServer()
    {
        await using var example = await TeamExample.StartAsync();
        SetDefaultExpectTimeout(ChatHome.Patience);
        await using var person = await chromium.Browser.NewContextAsync(
            new() { IgnoreHTTPSErrors = true, ReducedMotion = ReducedMotion.Reduce });
        person.SetDefaultTimeout(ChatHome.Patience);
        await RefusesStrangersAsync(example, person.APIRequest);

        var page = await person.NewPageAsync();
        await page.GotoAsync(example.Address.ToString());
        await page.GetByTestId("provider").ClickAsync();
        await page.GetByTestId("login").FillAsync("anna");
        await page.GetByTestId("log-in").ClickAsync();
        await ChatHome.ConnectedAsync(page);
        Assert.Equal(example.Address.Authority, new Uri(page.Url).Authority);
        Assert.True((await person.CookiesAsync()).Single(cookie => cookie.Name == "__Host-agentstream").Secure);
        await ChatHome.AskAndWaitAsync(page, Question);
        await Expect(ChatHome.RunOf(page, Question)).ToContainTextAsync(Answer);

        // Whichever of the two had the socket.
        await example.FirstApi.KillAsync();
        await ChatHome.AskAndWaitAsync(page, "What is 2 + 3?");
        await Expect(ChatHome.RunOf(page, Question)).ToContainTextAsync(Answer);

        // The pages' own server takes its way through nginx, too.
        await page.GetByTestId("classic-link").ClickAsync();
        await Expect(page.GetByTestId("answer").First).ToContainTextAsync(Answer);
        Assert.All(example.Secrets, secret => Assert.DoesNotContain(secret, example.Output, StringComparison.Ordinal));
    }

    private static async Task RefusesStrangersAsync(TeamExample example, IAPIRequestContext nobody)
    {
        var refused = await nobody.GetAsync(new Uri(example.Address, "/api/sessions").ToString());
        Assert.Equal(401, refused.Status);

        // What a client says of itself is nobody's word.
        var foreign = await nobody.GetAsync(
            new Uri(example.Address, "/api/sessions").ToString(),
            new() { Headers = [new("X-Forwarded-Host", "elsewhere.example"), new("X-Forwarded-Prefix", "/elsewhere")] });
        Assert.Equal(401, foreign.Status);
        var plain = await nobody.GetAsync(new Uri(example.PlainAddress, "/chat/x?y=z").ToString(), new() { MaxRedirects = 0 });
        Assert.Equal((308, "https://localhost/chat/x?y=z"), (plain.Status, plain.Headers["location"]));
    }
}
