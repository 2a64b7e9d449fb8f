using System.Text.Json;
using System.Text.RegularExpressions;
using AgentStream.Tests.Browser.Accessibility;
using Microsoft.Playwright;

namespace AgentStream.Tests.Browser.Shell;

/// <summary>The message box: keys, drafts, options, and sending while a run is going on.</summary>
public sealed class ComposerTests(ChatHome home) : IClassFixture<ChatHome>
{
    [ChromiumFact]
    public async Task Keys_InTheBox_BreakLinesSendAndLeaveInputMethodsAlone()
    {
        await using var person = await home.NewPersonAsync();
        var page = await home.OpenAsync(person);
        var box = page.GetByTestId("message-input");
        await box.FocusAsync();
        var height = (await box.BoundingBoxAsync())!.Height;

        await page.Keyboard.TypeAsync("one");
        await page.Keyboard.PressAsync("Shift+Enter");
        await page.Keyboard.TypeAsync("two");
        await Assertions.Expect(box).ToHaveValueAsync("one\ntwo");
        Assert.True((await box.BoundingBoxAsync())!.Height > height);

        await box.EvaluateAsync(
            "box => box.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true, cancelable: true }))");
        await Assertions.Expect(box).ToHaveValueAsync("one\ntwo");
        await page.Keyboard.PressAsync("Enter");

        await Assertions.Expect(ChatHome.RunOf(page, "one\ntwo")).ToBeVisibleAsync(new() { Timeout = ChatHome.Patience });
        await Assertions.Expect(box).ToHaveValueAsync("");
    }

    [ChromiumFact]
    public async Task Draft_IsKeptPerSessionAndOverAReload()
    {
        await using var person = await home.NewPersonAsync();
        var page = await home.OpenAsync(person);
        await ChatHome.AskAndWaitAsync(page, "a session with a draft");
        await page.GetByTestId("message-input").FillAsync("half a thought");

        await page.GetByTestId("new-chat").ClickAsync();
        await Assertions.Expect(page.GetByTestId("message-input")).ToHaveValueAsync("");
        await page.GoBackAsync();
        await Assertions.Expect(page.GetByTestId("message-input")).ToHaveValueAsync("half a thought");
        await page.ReloadAsync();
        await Assertions.Expect(page.GetByTestId("message-input")).ToHaveValueAsync("half a thought");
    }

    [ChromiumFact]
    public async Task MessageTooLong_IsNotSentSaysWhyAndCanBeShortened()
    {
        await using var person = await home.NewPersonAsync();
        var page = await home.OpenAsync(person);
        var box = page.GetByTestId("message-input");
        await box.EvaluateAsync(
            "box => { box.value = 'too long '.repeat(11_000); box.dispatchEvent(new Event('input', { bubbles: true })); }");
        Assert.True((await box.BoundingBoxAsync())!.Height < 300);
        await page.GetByTestId("send").ClickAsync();

        var pending = page.GetByTestId("pending-message");
        await Assertions.Expect(pending.GetByTestId("message-status"))
            .ToContainTextAsync("Not sent", new() { Timeout = ChatHome.Patience });
        await Assertions.Expect(pending.GetByTestId("message-status")).ToContainTextAsync("32000");
        await Assertions.Expect(page.GetByTestId("connection-state")).ToHaveAttributeAsync("data-state", "connected");
        await pending.GetByTestId("edit-pending").ClickAsync();
        await Assertions.Expect(box).ToBeFocusedAsync();
        await box.FillAsync("short enough");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(ChatHome.RunOf(page, "short enough"))
            .ToHaveAttributeAsync("data-status", "completed", new() { Timeout = ChatHome.Patience });
        await Assertions.Expect(pending).ToHaveCountAsync(0);
    }

    [ChromiumFact]
    public async Task LongMessage_InTheConversation_IsCutUntilSomebodyWantsAllOfIt()
    {
        await using var person = await home.NewPersonAsync();
        var page = await home.OpenAsync(person);
        await ChatHome.AskAsync(page, $"a long story {string.Concat(Enumerable.Repeat("and then ", 2_000))}the end");
        var said = page.GetByTestId("run").Locator(".said");
        await Assertions.Expect(page.GetByTestId("run"))
            .ToHaveAttributeAsync("data-status", "completed", new() { Timeout = ChatHome.Patience });
        await Assertions.Expect(said).ToContainTextAsync("a long story");
        await Assertions.Expect(said).Not.ToContainTextAsync("the end");

        await said.GetByTestId("said-more").ClickAsync();

        await Assertions.Expect(said).ToContainTextAsync("the end");
        await page.GetByTestId("edit-message").ClickAsync();
        await Assertions.Expect(page.GetByTestId("edit-box")).ToHaveValueAsync(new Regex("the end$"));
    }

    [ChromiumFact]
    public async Task QuickPrompt_OnAnEmptyPage_IsAsked()
    {
        await using var person = await home.NewPersonAsync();
        var page = await home.OpenAsync(person);
        var prompt = page.GetByTestId("quick-prompt").First;
        var words = await prompt.TextContentAsync();

        await prompt.ClickAsync();

        await Assertions.Expect(ChatHome.RunOf(page, words!))
            .ToHaveAttributeAsync("data-status", "completed", new() { Timeout = ChatHome.Patience });
        await Assertions.Expect(page.GetByTestId("welcome")).ToBeHiddenAsync();
    }

    [ChromiumFact]
    public async Task Queue_WhileARunGoesOn_ShowsWhatWaitsAndLetsItBeRemoved()
    {
        await using var person = await home.NewPersonAsync();
        var page = await home.OpenAsync(person);
        await ChatHome.AskHeldAsync(page, "3");

        // One round button: with nothing to send it stops, with something it queues.
        var place = (await page.GetByTestId("stop").BoundingBoxAsync())!;
        await Assertions.Expect(page.GetByTestId("send")).ToBeHiddenAsync();
        await page.GetByTestId("message-input").FillAsync("w");
        await Assertions.Expect(page.GetByTestId("send")).ToHaveAttributeAsync("aria-label", "Queue");
        await Assertions.Expect(page.GetByTestId("stop")).ToBeHiddenAsync();
        var sendPlace = (await page.GetByTestId("send").BoundingBoxAsync())!;
        Assert.Equal((place.X, place.Y, place.Width), (sendPlace.X, sendPlace.Y, sendPlace.Width));
        await ChatHome.AskAsync(page, "waits and stays");
        await ChatHome.AskAsync(page, "waits and goes");
        await Assertions.Expect(page.GetByTestId("queued")).ToHaveCountAsync(2, new() { Timeout = ChatHome.Patience });
        await page.GetByTestId("queued").Filter(new() { HasText = "waits and goes" }).GetByTestId("queue-remove").ClickAsync();

        await Assertions.Expect(ChatHome.RunOf(page, "waits and goes"))
            .ToHaveAttributeAsync("data-status", "cancelled", new() { Timeout = ChatHome.Patience });
        await home.LetGoAsync("3");
        await Assertions.Expect(ChatHome.RunOf(page, "waits and stays"))
            .ToHaveAttributeAsync("data-status", "completed", new() { Timeout = ChatHome.Patience });
        await Assertions.Expect(page.GetByTestId("queue")).ToBeHiddenAsync();
        await Assertions.Expect(page.GetByTestId("stop")).ToBeHiddenAsync();
    }

    [ChromiumFact]
    public async Task Send_ClickedTwiceInARow_IsNotAStop()
    {
        await using var person = await home.NewPersonAsync();
        var page = await home.OpenAsync(person);
        await ChatHome.AskHeldAsync(page, "1");

        await page.GetByTestId("message-input").FillAsync("sent with a double click");
        await page.GetByTestId("send").DblClickAsync();
        await Assertions.Expect(page.GetByTestId("queued")).ToHaveCountAsync(1);
        await Assertions.Expect(page.GetByTestId("stop")).ToBeEnabledAsync();
        await home.LetGoAsync("1");

        await Assertions.Expect(ChatHome.RunOf(page, "hold 1")).ToHaveAttributeAsync("data-status", "completed");
        await Assertions.Expect(ChatHome.RunOf(page, "sent with a double click")).ToHaveAttributeAsync("data-status", "completed");
    }

    [ChromiumFact]
    public async Task Escape_StopsTheRunAndArrowUpChangesWhatWasSaidLast()
    {
        await using var person = await home.NewPersonAsync();
        var page = await home.OpenAsync(person);
        await ChatHome.AskHeldAsync(page, "2");

        // What is open closes first.
        await page.GetByTestId("options-open").ClickAsync();
        await page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(page.GetByTestId("options")).ToBeHiddenAsync();
        await Assertions.Expect(ChatHome.RunOf(page, "hold 2")).ToHaveAttributeAsync("data-status", "running");
        await page.GetByTestId("message-input").PressAsync("Escape");
        await Assertions.Expect(ChatHome.RunOf(page, "hold 2")).ToHaveAttributeAsync("data-status", "cancelled");

        await page.GetByTestId("message-input").PressAsync("ArrowUp");
        await Assertions.Expect(page.GetByTestId("edit-box")).ToHaveValueAsync("hold 2");
        await Assertions.Expect(page.GetByTestId("edit-box")).ToBeFocusedAsync();
    }

    [ChromiumFact]
    public async Task Interrupt_WhileARunGoesOn_EndsItAndIsAnswered()
    {
        await using var person = await home.NewPersonAsync();
        var page = await home.OpenAsync(person);
        await ChatHome.AskHeldAsync(page, "4");

        await page.GetByTestId("message-input").FillAsync("more important");
        await page.GetByTestId("message-input").PressAsync("Control+Enter");

        await Assertions.Expect(ChatHome.RunOf(page, "hold 4"))
            .ToHaveAttributeAsync("data-status", "cancelled", new() { Timeout = ChatHome.Patience });
        await Assertions.Expect(ChatHome.RunOf(page, "more important"))
            .ToHaveAttributeAsync("data-status", "completed", new() { Timeout = ChatHome.Patience });
    }

    [ChromiumFact]
    public async Task Steer_WhileARunGoesOn_IsTakenUpAtItsNextStepAndShownThere()
    {
        await using var person = await home.NewPersonAsync();
        var page = await home.OpenAsync(person);
        await ChatHome.AskAsync(page, "step by step");
        var run = ChatHome.RunOf(page, "step by step");
        await Assertions.Expect(run).ToContainTextAsync("One step");

        await page.GetByTestId("message-input").FillAsync("and say hello");
        await page.GetByTestId("steer").ClickAsync();
        await Assertions.Expect(page.GetByTestId("queued")).ToContainTextAsync("Next step");
        await home.LetGoAsync("step");

        await Assertions.Expect(run).ToHaveAttributeAsync("data-status", "completed");
        await Assertions.Expect(run.GetByTestId("answer")).ToHaveTextAsync("Hello from the plan.");
        await Assertions.Expect(page.GetByTestId("queue")).ToBeHiddenAsync();

        // Folded with the steps it stays in sight, and among them it has its place; after a reload too.
        foreach (var _ in new[] { "live", "read again" })
        {
            await Assertions.Expect(page.Locator("[data-testid=run]:visible")).ToHaveCountAsync(1);
            var said = run.GetByText("and say hello").Filter(new() { Visible = true });
            await Assertions.Expect(said).ToHaveCountAsync(1);
            await run.GetByTestId("trace-fold").ClickAsync();
            await Assertions.Expect(said).ToHaveCountAsync(1);
            await Assertions.Expect(run.Locator(".steps section.step-said")).ToBeVisibleAsync();
            await run.GetByTestId("trace-fold").ClickAsync();
            await page.ReloadAsync();
            await ChatHome.ConnectedAsync(page);
        }
    }

    [ChromiumFact]
    public async Task Choices_OfAgentReasoningAndOptions_AreSentAndKept()
    {
        await using var person = await home.NewPersonAsync();
        var page = await person.NewPageAsync();
        var chats = new List<JsonElement>();
        page.WebSocket += (_, socket) => socket.FrameSent += (_, frame) =>
        {
            var sent = JsonDocument.Parse(frame.Text!).RootElement;
            if (sent.GetProperty("type").GetString() == "chat")
            {
                lock (chats)
                {
                    chats.Add(sent.GetProperty("payload").Clone());
                }
            }
        };
        await page.GotoAsync(home.Service.Web.ToString());
        await ChatHome.ConnectedAsync(page);

        await ChatHome.ChooseAgentAsync(page, "researcher");
        await Assertions.Expect(page.GetByTestId("agent-description")).Not.ToBeEmptyAsync();
        await page.GetByTestId("reasoning-toggle").UncheckAsync();
        await page.GetByTestId("options-open").ClickAsync();
        await page.GetByTestId("option-temperature").FillAsync("0.5");
        await page.GetByTestId("option-iterations").FillAsync("7");
        await page.Keyboard.PressAsync("Escape");
        await ChatHome.AskAndWaitAsync(page, "with choices");

        await Assertions.Expect(page.Locator("[data-testid=step]")).ToHaveCountAsync(1);
        JsonElement chat;
        lock (chats)
        {
            chat = Assert.Single(chats);
        }

        Assert.Equal("researcher", chat.GetProperty("agent_name").GetString());
        Assert.False(chat.GetProperty("enable_reasoning").GetBoolean());
        Assert.Equal(0.5, chat.GetProperty("temperature").GetDouble());
        Assert.Equal(7, chat.GetProperty("max_iterations").GetInt32());
        await page.ReloadAsync();
        await Assertions.Expect(page.GetByTestId("agent-picker")).ToHaveAccessibleNameAsync("Agent: researcher");
        await Assertions.Expect(page.GetByTestId("reasoning-toggle")).Not.ToBeCheckedAsync();
        await Assertions.Expect(page.GetByTestId("option-iterations")).ToHaveValueAsync("7");
    }

    [ChromiumFact]
    public async Task Agent_WithToolsThatCannotBeHad_SaysWhichAndWhyInBothThemes()
    {
        await using var person = await home.NewPersonAsync();
        var page = await person.NewPageAsync();
        var missing = """
            {"name":"files_*","reason":"The server can't be reached now."},{"name":"fake_bad","reason":"Its schema can't be read."}
            """;
        await page.RouteAsync(url => new Uri(url).AbsolutePath == "/api/agents", route => route.FulfillAsync(new()
        {
            Headers = [new("Access-Control-Allow-Origin", "*")],
            ContentType = "application/json",
            Body = $$"""
                [{"name":"assistant","description":"Helps.","model":"demo","tools":[],"missing_tools":[{{missing}}]},
                 {"name":"whole","description":"Has all.","model":"demo","models":["large","demo","other/small"],"tools":[]}]
                """,
        }));
        await page.GotoAsync(home.Service.Web.ToString());
        await ChatHome.ConnectedAsync(page);

        var shown = page.GetByTestId("agent-missing");
        await Assertions.Expect(shown).ToHaveTextAsync(new Regex("^2 tools are missing"));
        await shown.Locator("summary").ClickAsync();
        await Assertions.Expect(shown.GetByText("files_* The server can't be reached now.")).ToBeVisibleAsync();
        await Assertions.Expect(shown.GetByText("fake_bad Its schema can't be read.")).ToBeVisibleAsync();
        Assert.Empty(await Axe.ViolationsInBothThemesAsync(page));

        await page.GetByTestId("agent-picker").ClickAsync();
        await Assertions.Expect(page.Locator("[data-testid=agent-card][data-agent=assistant]"))
            .ToContainTextAsync("Missing now: files_*, fake_bad");
        await page.Keyboard.PressAsync("Escape");
        await ChatHome.ChooseAgentAsync(page, "whole");
        await Assertions.Expect(shown).ToBeHiddenAsync();

        // The models that are offered, the agent's own first.
        await page.GetByTestId("options-open").ClickAsync();
        var models = page.GetByTestId("model-choice");
        await Assertions.Expect(models).ToHaveTextAsync(["demo", "large", "other/small"]);
        await models.Nth(2).ClickAsync();
        await Assertions.Expect(page.GetByTestId("option-model")).ToHaveValueAsync("other/small");
        await Assertions.Expect(models.Nth(2)).ToHaveAttributeAsync("aria-pressed", "true");
        Assert.Empty(await Axe.ViolationsAsync(page));
        await models.First.ClickAsync();
        await Assertions.Expect(page.GetByTestId("option-model")).ToHaveValueAsync("");
        await page.Keyboard.PressAsync("Escape");

        missing = """{"name":"fake_bad","reason":"Its schema can't be read."}""";
        await ChatHome.ChooseAgentAsync(page, "assistant");
        await shown.Locator("summary").ClickAsync();
        await shown.Locator("summary").ClickAsync();
        await Assertions.Expect(shown.Locator("li")).ToHaveCountAsync(1);
        await Assertions.Expect(shown).ToHaveTextAsync(new Regex("^One tool is missing"));
    }
}
