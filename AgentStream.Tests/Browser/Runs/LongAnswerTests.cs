using AgentStream.Tests.Browser.Traces;
using AgentStream.Tests.Support;
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
        await using var person = await home.NewPersonAsync();
        var page = await home.OpenAsync(person);
        await page.GetByTestId("message-input").FillAsync("endless");

        // The page waits for its own end: whatever the test asked it meanwhile would be a task in the trace.
        var trace = await BrowserTrace.StartAsync(page);
        await page.EvaluateAsync(
            """
            (blocks) => new Promise((resolve) => {
              const look = () => {
                const done = document.querySelector('#conversation > .run')?.dataset.status === 'completed' && document.getElementsByClassName('code-block').length >= blocks;
                return done ? resolve() : setTimeout(look, 200);
              };
              document.getElementById('send').click();
              look();
            })
            """,
            RunHome.ManyTokensCodeBlocks).WaitAsync(4 * TestTimeouts.Default);

        var tasks = await trace.StopAsync("100000-tokens");
        output.WriteLine($"A run of {RunHome.ManyTokens:N0} tokens: {tasks} (goal: under 100 ms)");
        await Assertions.Expect(page.GetByTestId("code-block")).ToHaveCountAsync(RunHome.ManyTokensCodeBlocks);
        Assert.False(await page.GetByTestId("answer").EvaluateAsync<bool>("answer => answer.textContent.includes('**')"));
    }
}
