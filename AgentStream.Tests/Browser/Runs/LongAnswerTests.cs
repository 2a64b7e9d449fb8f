using AgentStream.Tests.Browser.Traces;
using AgentStream.Tests.Support;
using Microsoft.Playwright;
using Xunit.Abstractions;

namespace AgentStream.Tests.Browser.Runs;

/// <summary>An answer longer than anybody reads.</summary>
[Collection(RunCollection.Name)]
public sealed class LongAnswerTests(RunHome home, ITestOutputHelper output)
{
    // The page waits for its own end: whatever the test asked it meanwhile would be a task in the trace.
    private const string AllIsThere =
        """
        ([blocks, status, send]) => new Promise((resolve) => {
          const look = () => {
            const done = document.querySelector('#conversation > .run')?.dataset.status === status && document.getElementsByClassName('code-block').length >= blocks;
            return done ? resolve() : setTimeout(look, 200);
          };
          if (send) {
            document.getElementById('send').click();
          }

          look();
        })
        """;

    [ChromiumFact]
    public async Task Run_LongerThanAnybodyReads_ShowsItAllAndKeepsThePageAlive()
    {
        await using var person = await home.NewPersonAsync();
        var page = await home.OpenAsync(person);
        await page.GetByTestId("message-input").FillAsync("endless");

        await MeasureAsync(page, "many-tokens", "A run", () => AllAsync(page, "completed", send: true));
        await MeasureAsync(page, "many-tokens-reloaded", "Loading again a run", async () =>
        {
            await page.ReloadAsync();
            await AllAsync(page, "completed");
        });
        await HasAllAsync(page);
    }

    [ChromiumFact]
    public async Task Page_ThatComesLateToALongAnswer_ShowsItAndWhatFollows()
    {
        await using (var asking = home.Service.Socket("late"))
        {
            await asking.ConnectAsync();
            await asking.ChatAsync("all at once");
            await asking.ReadUntilAsync(
                frame => ChatSocket.TypeOf(frame) == "step_delta"
                    && frame.GetProperty("data").GetProperty("delta").GetString()!.Contains("So far.", StringComparison.Ordinal));
        }

        await using var person = await home.NewPersonAsync();
        var page = await person.NewPageAsync();
        await MeasureAsync(page, "many-tokens-late", "Coming late to a run", async () =>
        {
            await page.GotoAsync(new Uri(home.Service.Web, "/chat/late").ToString());
            await AllAsync(page, "running");
            await home.LetGoAsync("late");
            await AllAsync(page, "completed");
        });
        await Assertions.Expect(page.GetByTestId("answer")).ToContainTextAsync("The end.");
        await HasAllAsync(page);
    }

    private static Task AllAsync(IPage page, string status, bool send = false) =>
        page.EvaluateAsync(AllIsThere, new object[] { RunHome.ManyTokensCodeBlocks, status, send }).WaitAsync(4 * TestTimeouts.Default);

    private async Task MeasureAsync(IPage page, string trace, string what, Func<Task> act)
    {
        var recording = await BrowserTrace.StartAsync(page);
        await act();
        output.WriteLine($"{what} of {RunHome.ManyTokens:N0} tokens: {await recording.StopAsync(trace)} (goal: under 100 ms)");
    }

    // What is far from the reader is not laid out, and must not be missed: not by who searches,
    // selects or prints, and not by who scrolls there.
    private static async Task HasAllAsync(IPage page)
    {
        var answer = page.GetByTestId("answer");
        await Assertions.Expect(answer.GetByTestId("code-block")).ToHaveCountAsync(RunHome.ManyTokensCodeBlocks);
        Assert.False(await answer.EvaluateAsync<bool>("answer => answer.textContent.includes('**')"));
        var seen = await page.EvaluateAsync<Dictionary<string, int>>(
            """
            async () => {
              // Twice: what comes near is laid out in the frame after the one that sees it come.
              const drawn = async () => {
                await new Promise(requestAnimationFrame);
                await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
              };
              const height = () => document.documentElement.scrollHeight;
              await drawn();
              const before = height();
              getSelection().selectAllChildren(document.querySelector('[data-testid=answer]'));
              const selected = getSelection().toString();
              getSelection().removeAllRanges();
              find('Part 77');
              await drawn();
              const found = getSelection().getRangeAt(0).getBoundingClientRect();
              const seen = {
                aside: document.querySelectorAll('.md-section.is-aside').length,
                selected: selected.match(/^Part \d+$/gm).length,
                found: Number(getSelection().toString() === 'Part 77' && found.top > 0 && found.bottom < innerHeight),
              };
              getSelection().removeAllRanges();
              scrollTo(0, before / 2);
              await drawn();
              seen.moved = height() - before;
              scrollTo(0, height());
              await drawn();
              return seen;
            }
            """);
        Assert.InRange(seen["aside"], RunHome.ManyTokens / 2_000, int.MaxValue);
        Assert.Equal(RunHome.ManyTokensHeadings, seen["selected"]);
        Assert.Equal(1, seen["found"]);
        Assert.Equal(0, seen["moved"]);
    }
}
