using AgentStream.Tests.Browser.Shell;
using AgentStream.Tests.Browser.Traces;
using Microsoft.Playwright;
using Xunit.Abstractions;

namespace AgentStream.Tests.Browser.Runs;

/// <summary>An answer longer than anybody reads.</summary>
[Collection(RunCollection.Name)]
public sealed class LongAnswerTests(RunHome home, ITestOutputHelper output)
{
    [ChromiumFact]
    public async Task Run_OfAHundredThousandTokens_ShowsThemAllAndKeepsThePageAlive()
    {
        var patience = 4 * ChatHome.Patience;
        await using var person = await home.NewPersonAsync();
        var page = await home.OpenAsync(person);
        var trace = await BrowserTrace.StartAsync(page);

        await ChatHome.AskAsync(page, "endless");
        await Assertions.Expect(page.GetByTestId("run")).ToHaveAttributeAsync("data-status", "completed", new() { Timeout = patience });
        await Assertions.Expect(page.GetByTestId("code-block")).ToHaveCountAsync(RunHome.ManyTokensCodeBlocks, new() { Timeout = patience });

        var tasks = await trace.StopAsync("100000-tokens");
        output.WriteLine($"A run of {RunHome.ManyTokens:N0} tokens: {tasks} (goal: under 100 ms)");
        Assert.False(await page.GetByTestId("answer").EvaluateAsync<bool>("answer => answer.textContent.includes('**')"));
    }
}
