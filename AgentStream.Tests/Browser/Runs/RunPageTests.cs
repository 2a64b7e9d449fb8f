using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using AgentStream.Tests.Browser.Shell;
using Microsoft.Playwright;
using static AgentStream.Tests.Browser.Runs.MadeUpSession;

namespace AgentStream.Tests.Browser.Runs;

/// <summary>What a page shows of a run beside what it said: its figures, how its time went, and all of it once more.</summary>
[Collection(RunCollection.Name)]
public sealed class RunPageTests(RunHome home)
{
    [ChromiumFact]
    public async Task Run_UnderWay_CountsLiveAndTellsEveryTabTheSame()
    {
        await using var person = await home.NewPersonAsync();
        await using var other = await home.NewPersonAsync();
        var page = await home.OpenAsync(person);
        await ChatHome.AskAsync(page, "held figures");
        await Assertions.Expect(page.GetByTestId("answer")).ToContainTextAsync("It is");
        var second = await home.OpenAsync(other, new Uri(page.Url).AbsolutePath);

        foreach (var tab in new[] { page, second })
        {
            await Assertions.Expect(tab.GetByTestId("run-line")).ToHaveTextAsync(new Regex("^[0-9]+ m?s · about [0-9,]+ tokens$"));
            await tab.GetByTestId("show-figures").ClickAsync();
            var line = tab.GetByTestId("run-figures");
            foreach (var figure in new[] { "first token after", "tokens in", "tokens out", "1 tool call", "about" })
            {
                await Assertions.Expect(line).ToContainTextAsync(figure);
            }

            await Assertions.Expect(tab.GetByTestId("run")).ToHaveAttributeAsync("data-status", "running");
            await Assertions.Expect(tab.GetByTestId("trace-fold")).ToContainTextAsync("iteration 1");
            await Assertions.Expect(tab.GetByTestId("answer")).ToContainTextAsync("It is");
            await Assertions.Expect(tab.Locator("[data-testid=step][data-open]")).ToHaveAttributeAsync("data-iteration", "2");
        }

        await home.LetGoAsync("figures");
        await Assertions.Expect(second.GetByTestId("answer")).ToHaveTextAsync("It is forty-two.");
        await Assertions.Expect(page.GetByTestId("run-figures")).ToContainTextAsync("tokens/s");
        var figures = await page.GetByTestId("run-figures").TextContentAsync();
        await Assertions.Expect(second.GetByTestId("run-figures")).ToHaveTextAsync(figures!);
    }

    [ChromiumFact]
    public async Task Typing_BeforeTheFirstWord_IsSaidInEveryTab()
    {
        await using var person = await home.NewPersonAsync();
        var page = await home.OpenAsync(person);
        var second = await home.OpenAsync(person, new Uri(page.Url).AbsolutePath);
        await ChatHome.AskAsync(page, "held word");
        await Assertions.Expect(page.GetByTestId("typing")).ToHaveTextAsync("assistant is working");
        await Assertions.Expect(second.GetByTestId("typing")).ToHaveTextAsync("assistant is working");

        await home.LetGoAsync("word");
        await Assertions.Expect(second.GetByTestId("answer")).ToHaveTextAsync("At last.");
        await Assertions.Expect(second.GetByTestId("typing")).ToBeHiddenAsync();
        await Assertions.Expect(page.GetByTestId("typing")).ToBeHiddenAsync();
    }

    [ChromiumTheory]
    [InlineData("it breaks", "failed")]
    [InlineData("held stop", "cancelled")]
    public async Task Figures_OfARunThatDidNotEndWell_AreThereAndStay(string question, string status)
    {
        await using var person = await home.NewPersonAsync();
        var page = await home.OpenAsync(person);
        await ChatHome.AskAsync(page, question);
        if (status == "cancelled")
        {
            await Assertions.Expect(page.GetByTestId("answer")).ToContainTextAsync("It is");
            await page.GetByTestId("stop").ClickAsync();
        }

        await Assertions.Expect(page.GetByTestId("run")).ToHaveAttributeAsync("data-status", status);
        await page.GetByTestId("show-figures").ClickAsync();
        var line = page.GetByTestId("run-figures");
        foreach (var figure in new[] { "first token after", "tokens in", "1 tool call", "scripted" })
        {
            await Assertions.Expect(line).ToContainTextAsync(figure);
        }

        var (figures, trace) = (await line.TextContentAsync(), await page.GetByTestId("trace-id").TextContentAsync());
        await page.ReloadAsync();
        await page.GetByTestId("show-figures").ClickAsync();
        await Assertions.Expect(line).ToHaveTextAsync(figures!);
        await Assertions.Expect(page.GetByTestId("trace-id")).ToHaveTextAsync(trace!);
    }

    [ChromiumFact]
    public async Task Timeline_OfARunThatWaitedForAPerson_CountsThatAsNobodysWorkAlsoAfterAReload()
    {
        await using var person = await home.NewPersonAsync();
        var page = await home.OpenAsync(person);
        await ChatHome.AskAsync(page, "a note");
        await Assertions.Expect(page.GetByTestId("approval")).ToBeVisibleAsync();
        await page.GetByTestId("show-waterfall").ClickAsync();
        await Assertions.Expect(page.Locator(".waterfall-wait")).ToHaveCountAsync(1);
        await Assertions.Expect(page.GetByTestId("waterfall-sums")).ToContainTextAsync("Waited for a person");

        await page.GetByTestId("approve").ClickAsync();
        await Assertions.Expect(page.GetByTestId("run")).ToHaveAttributeAsync("data-status", "completed");
        await page.GetByTestId("waterfall").Locator("summary").ClickAsync();
        var rows = page.GetByTestId("waterfall").Locator("tbody tr");
        await Assertions.Expect(rows).ToHaveCountAsync(5);
        await Assertions.Expect(rows.Nth(2)).ToContainTextAsync("Waiting for approval");
        await Assertions.Expect(rows.Nth(2)).ToContainTextAsync("a person");

        await page.ReloadAsync();
        await page.GetByTestId("show-waterfall").ClickAsync();
        await page.GetByTestId("waterfall").Locator("summary").ClickAsync();
        await Assertions.Expect(page.Locator(".waterfall-wait")).ToHaveCountAsync(1);
        await Assertions.Expect(rows.Nth(2)).ToContainTextAsync("Waiting for approval");
    }

    [ChromiumFact]
    public async Task Timeline_OfADelegation_HasTheOtherAgentsStepsInside()
    {
        await using var person = await home.NewPersonAsync();
        var page = await home.OpenAsync(person);
        await ChatHome.ChooseAgentAsync(page, "chief");
        await ChatHome.AskAndWaitAsync(page, "delegate");
        await page.GetByTestId("show-waterfall").ClickAsync();
        var waterfall = page.GetByTestId("waterfall");

        await Assertions.Expect(waterfall.Locator("rect.is-agent")).ToHaveCountAsync(1);
        await Assertions.Expect(waterfall.Locator("rect.is-tool")).ToHaveCountAsync(1);
        Assert.True(await waterfall.Locator(".waterfall-label.is-nested").CountAsync() >= 3);
        await waterfall.Locator("summary").ClickAsync();
        await Assertions.Expect(waterfall.Locator("tbody")).ToContainTextAsync("another agent");

        // The same in the trace: a lane each, what was handed over is a bracket, and bars, rows and steps lead to each other.
        await page.GetByTestId("trace-open").ClickAsync();
        var trace = page.GetByTestId("trace-pane");
        await Assertions.Expect(trace.Locator(".trace-lane")).ToHaveTextAsync(["chief", "analyst"]);
        await Assertions.Expect(trace.Locator(".lanes-bracket")).ToHaveCountAsync(1);
        await Assertions.Expect(page.GetByTestId("trace-strip").GetByRole(AriaRole.Img))
            .ToHaveAttributeAsync("aria-label", new Regex("^[0-9]+ steps in .*, 2 agents$"));
        await trace.GetByText("calculator").ClickAsync();
        await Assertions.Expect(page.Locator(".step-target")).ToContainTextAsync("calculator");
        await page.Keyboard.PressAsync("k");
        await Assertions.Expect(page.Locator(".step-target")).ToContainTextAsync("A product.");
        await Assertions.Expect(trace.Locator("[data-current]")).ToContainTextAsync("Thought");
        await page.Keyboard.PressAsync("j");
        await Assertions.Expect(trace.Locator("[data-current]")).ToContainTextAsync("calculator");
        await page.GetByTestId("answer").HoverAsync();
        await Assertions.Expect(trace.Locator("[data-pointed]")).ToContainTextAsync("Answer");
        await trace.GetByText("calculator").HoverAsync();
        await Assertions.Expect(page.Locator(".step-pointed")).ToContainTextAsync("calculator");
        await page.GetByTestId("trace-close").ClickAsync();
        await Assertions.Expect(trace).ToBeHiddenAsync();
        await Assertions.Expect(page.GetByTestId("trace-open")).ToBeFocusedAsync();
    }

    [ChromiumFact]
    public async Task Timeline_OfTwoHundredSteps_KeepsEachOneLegible()
    {
        string[] types = ["thought", "tool_use", "tool_result"];
        await using var person = await home.NewPersonAsync();
        var page = await OpenAsync(home, person, [.. Enumerable.Range(0, 200).Select(index => Step(index, types[index % 3], "x", new
        {
            tool_name = index % 3 == 0 ? null : "calculator",
            tool_call_id = $"c{index / 3}",
            duration_ms = index % 3 == 2 ? 0 : (int?)null,
        }))]);
        await page.GetByTestId("show-waterfall").ClickAsync();
        await Assertions.Expect(page.GetByTestId("waterfall-sums")).ToBeInViewportAsync();

        var bars = page.GetByTestId("waterfall").Locator("rect");
        await Assertions.Expect(bars).ToHaveCountAsync(200);
        // Each has a row of its own to read, steps that took no time can be seen, and the picture is no longer than a screen.
        var sizes = await bars.EvaluateAllAsync<double[][]>(
            "bars => bars.map(bar => { const { width, height } = bar.getBoundingClientRect(); return [width, height]; })");
        Assert.All(sizes, size => Assert.True(size[0] >= 1 && size[1] >= 10, $"{size[0]} x {size[1]}"));
        Assert.InRange((await page.Locator(".waterfall-frame").BoundingBoxAsync())!.Height, 100, 600);
        await page.Locator(".waterfall-label").Last.ScrollIntoViewIfNeededAsync();
        await Assertions.Expect(page.Locator(".waterfall-label").Last).ToBeInViewportAsync();
        await Assertions.Expect(page.Locator(".waterfall-axis")).ToBeInViewportAsync();
    }

    [ChromiumFact]
    public async Task Replay_OfARunFromTheLog_HasItsPaceAndMakesALongWaitShort()
    {
        await using var person = await home.NewPersonAsync();
        var page = await OpenAsync(home, person,
        [
            Step(0, "thought", new string('t', 100), new { timestamp = 104.0, duration_ms = 2000 }),
            Step(
                1, "tool_use", "",
                new { timestamp = 3704.0, tool_name = "save_note", tool_call_id = "c1", arguments = new { text = "milk" } }),
            Step(2, "tool_result", "kept", new { timestamp = 3705.0, tool_name = "save_note", tool_call_id = "c1", duration_ms = 1000 }),
            Step(3, "final_answer", new string('a', 100), new { timestamp = 3710.0, duration_ms = 4000, iteration = 2 }),
        ],
        finishedAt: 3710, waits: [new { from = 104.0, to = 3704.0 }]);
        await page.GetByTestId("show-replay").ClickAsync();
        await Assertions.Expect(page.GetByTestId("replay-note")).ToContainTextAsync("1 long pause (60 min 0 s) is shortened to 2.0 s");

        // An hour of 3,610 seconds is left out but for two: 12 seconds to move through, and to be played.
        var slider = page.GetByTestId("replay-slider");
        Assert.Equal(12, double.Parse((await slider.GetAttributeAsync("max"))!, CultureInfo.InvariantCulture), 3);
        await MoveToAsync(3);
        await Assertions.Expect(page.GetByTestId("replay-stage")).ToHaveTextAsync(new Regex("^\\D*t{50}$"));
        await MoveToAsync(5);
        await Assertions.Expect(page.GetByTestId("replay-pause")).ToHaveTextAsync("Nothing new for 60 min 0 s");
        await MoveToAsync(10);
        await Assertions.Expect(page.GetByTestId("replay-stage")).ToContainTextAsync(new Regex("result: kept.*Answering" + "a{50}$"));
        await Assertions.Expect(page.GetByTestId("replay-pause")).ToBeHiddenAsync();

        // Stopped in the middle it stays there.
        await page.GetByTestId("replay-play").ClickAsync();
        await page.GetByTestId("replay-play").ClickAsync();
        await Assertions.Expect(page.GetByTestId("replay-play")).ToHaveTextAsync("Play");
        var stoppedAt = await page.GetByTestId("replay-time").TextContentAsync();
        await page.EvaluateAsync(
            "async () => { for (let frame = 0; frame < 10; frame += 1) { await new Promise(requestAnimationFrame); } }");
        await Assertions.Expect(page.GetByTestId("replay-time")).ToHaveTextAsync(stoppedAt!);

        // Faster, to the end, and there it stops.
        await page.GetByTestId("replay-speed").SelectOptionAsync("10");
        await page.GetByTestId("replay-play").ClickAsync();
        await Assertions.Expect(page.GetByTestId("replay-play")).ToHaveTextAsync("Play");
        await Assertions.Expect(page.GetByTestId("replay-time")).ToHaveTextAsync("60 min 10 s / 60 min 10 s");

        // The conversation itself shows a moment: the one that the address names, any that the strip leads to, and at its end now.
        await page.EvaluateAsync("location.hash = '#t=3'");
        await Assertions.Expect(page.Locator("#step-r-0")).ToContainTextAsync(new Regex("t{50}$"));
        await Assertions.Expect(page.GetByTestId("run")).ToHaveAttributeAsync("data-status", "running");
        await Assertions.Expect(page.GetByTestId("answer")).ToHaveCountAsync(0);
        await page.GetByTestId("travel-slider").EvaluateAsync(
            "slider => { slider.value = '0.9'; ['input', 'change'].forEach(type => slider.dispatchEvent(new Event(type))); }");
        await Assertions.Expect(page.GetByTestId("answer")).ToHaveTextAsync(new Regex("^a{70,80}$"));
        await Assertions.Expect(page).ToHaveURLAsync(new Regex("#t=3608\\.[0-9]$"));
        await page.ReloadAsync();
        await Assertions.Expect(page.GetByTestId("answer")).ToHaveTextAsync(new Regex("^a{70,80}$"));
        await page.GetByTestId("travel-speed").SelectOptionAsync("20");
        await page.GetByTestId("travel-play").ClickAsync();
        await Assertions.Expect(page.GetByTestId("answer")).ToHaveTextAsync(new string('a', 100));
        await Assertions.Expect(page.GetByTestId("travel-leave")).ToBeHiddenAsync();
        await Assertions.Expect(page).ToHaveURLAsync(new Regex("/chat/s$"));

        Task MoveToAsync(double second) =>
            slider.EvaluateAsync(
                "(slider, second) => { slider.value = String(second); slider.dispatchEvent(new Event('input')); }", second);
    }

    [ChromiumFact]
    public async Task Message_OnItsWay_ShowsSentThenDeliveredThenQueued()
    {
        await using var person = await home.NewPersonAsync();
        var page = await person.NewPageAsync();
        IWebSocketRoute? server = null;
        var sent = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await page.RouteWebSocketAsync(new Regex("/ws/chat/"), socket =>
        {
            server = socket;
            socket.OnMessage(frame =>
            {
                var said = JsonDocument.Parse(frame.Text!).RootElement;
                if (said.GetProperty("type").GetString() == "chat")
                {
                    sent.TrySetResult(said.GetProperty("payload").GetProperty("message_id").GetString()!);
                }
                else
                {
                    // Without an answer to its question the page would doubt the connection.
                    socket.Send("""{"type":"pong","data":{}}""");
                }
            });
            socket.Send("""{"type":"connected","data":{"session_id":"s","epoch":"e","last_seq":2,"resumed":false,"server_time":1}}""");
            socket.Send(
                """{"type":"snapshot","data":{"session_id":"s","epoch":"e","last_seq":2,"trimmed_through":0,"messages":[{"seq":1,"run_id":"r1","message_id":"m1","message":"before","agent_name":"a","status":"running","enable_reasoning":true,"queued_at":1,"started_at":1,"steps":[]}],"has_more":false,"active_run":{"run_id":"r1","status":"running","attempt":1,"open_steps":[],"pending_approvals":[]},"queued_runs":[]}}""");
        });
        await page.GotoAsync(home.Service.Web.ToString());
        await ChatHome.ConnectedAsync(page);
        await ChatHome.AskAsync(page, "on its way");

        var status = page.GetByTestId("pending-message").GetByTestId("message-status");
        await Assertions.Expect(status).ToHaveTextAsync("Sent");
        var messageId = await sent.Task.WaitAsync(TimeSpan.FromMilliseconds(ChatHome.Patience));
        server!.Send($$$"""{"type":"accepted","data":{"message_id":"{{{messageId}}}","run_id":"r2","seq":3,"duplicate":false}}""");
        await Assertions.Expect(status).ToHaveTextAsync("Delivered");
        server.Send(
            $$$"""{"type":"run_queued","seq":3,"run_id":"r2","timestamp":2,"data":{"message":"on its way","message_id":"{{{messageId}}}","agent_name":"a","position":1,"enable_reasoning":true}}""");
        await Assertions.Expect(ChatHome.RunOf(page, "on its way").GetByTestId("message-status")).ToHaveTextAsync("Queued after 1 message");
        await Assertions.Expect(page.GetByTestId("pending-message")).ToHaveCountAsync(0);
    }
}
