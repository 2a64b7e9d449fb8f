using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace AgentStream.Tests.Browser.Shell;

/// <summary>The card of a tool call that waits for a person, against a server that says exactly what the test wants.</summary>
public sealed class ApprovalCardTests(ChatHome home) : IClassFixture<ChatHome>
{
    [ChromiumFact]
    public async Task Card_WithArgumentsEdited_SendsThemOnceTheyAreAnObject()
    {
        await using var person = await home.NewPersonAsync();
        var (page, server) = await OpenWaitingAsync(person);
        var card = page.GetByTestId("approval");
        await Assertions.Expect(card).ToContainTextAsync("save_note", new() { Timeout = ChatHome.Patience });
        await Assertions.Expect(card.GetByTestId("approval-left")).ToContainTextAsync("left");
        await Assertions.Expect(page.GetByTestId("announcements")).ToContainTextAsync("may it use save_note");

        await card.GetByTestId("approval-arguments").FillAsync("""{ "text": """);
        await Assertions.Expect(card.GetByTestId("approval-problem")).ToContainTextAsync("no valid JSON");
        await Assertions.Expect(card.GetByTestId("approve")).ToBeDisabledAsync();
        await card.GetByTestId("approval-arguments").FillAsync("""{ "text": "oat milk" }""");
        await card.GetByTestId("approve").ClickAsync();

        var answer = await server.Answer.WaitAsync(TimeSpan.FromMilliseconds(ChatHome.Patience));
        Assert.Equal("r1", answer.GetProperty("run_id").GetString());
        Assert.Equal("c1", answer.GetProperty("tool_call_id").GetString());
        Assert.True(answer.GetProperty("approved").GetBoolean());
        Assert.Equal("oat milk", answer.GetProperty("arguments").GetProperty("text").GetString());
        server.Send(
            """{"type":"tool_approval_resolved","seq":4,"run_id":"r1","timestamp":1,"data":{"tool_call_id":"c1","approved":true,"by":"client"}}""");
        await Assertions.Expect(card).ToHaveCountAsync(0, new() { Timeout = ChatHome.Patience });
    }

    [ChromiumFact]
    public async Task Card_Refused_SendsTheReasonAndNoArguments()
    {
        await using var person = await home.NewPersonAsync();
        var (page, server) = await OpenWaitingAsync(person);

        await page.GetByTestId("approval-reason").FillAsync("We have milk.");
        await page.GetByTestId("refuse").ClickAsync();

        var answer = await server.Answer.WaitAsync(TimeSpan.FromMilliseconds(ChatHome.Patience));
        Assert.False(answer.GetProperty("approved").GetBoolean());
        Assert.Equal("We have milk.", answer.GetProperty("reason").GetString());
        Assert.False(answer.TryGetProperty("arguments", out _));
    }

    [ChromiumFact]
    public async Task Card_AnsweredElsewhere_IsGone()
    {
        await using var person = await home.NewPersonAsync();
        var (page, server) = await OpenWaitingAsync(person);
        await Assertions.Expect(page.GetByTestId("approval")).ToBeVisibleAsync(new() { Timeout = ChatHome.Patience });

        server.Send(
            """{"type":"tool_approval_resolved","seq":4,"run_id":"r1","timestamp":1,"data":{"tool_call_id":"c1","approved":false,"by":"client"}}""");

        await Assertions.Expect(page.GetByTestId("approval")).ToHaveCountAsync(0, new() { Timeout = ChatHome.Patience });
    }

    [ChromiumFact]
    public async Task Card_WhoseTimeIsUp_IsGoneAndTheConversationSaysSo()
    {
        await using var person = await home.NewPersonAsync();
        var (page, server) = await OpenWaitingAsync(person);
        await Assertions.Expect(page.GetByTestId("approval")).ToBeVisibleAsync(new() { Timeout = ChatHome.Patience });

        server.Send(
            """{"type":"tool_approval_resolved","seq":4,"run_id":"r1","timestamp":1,"data":{"tool_call_id":"c1","approved":false,"by":"expiry","expired":true,"reason":"Nobody answered in time."}}""");

        await Assertions.Expect(page.GetByTestId("decision"))
            .ToHaveTextAsync(new Regex("save_note.*Nobody answered in time"), new() { Timeout = ChatHome.Patience });
        await Assertions.Expect(page.GetByTestId("approval")).ToHaveCountAsync(0);
    }

    [ChromiumFact]
    public async Task Card_BeingEdited_KeepsTextAndFocusOverAResync()
    {
        await using var person = await home.NewPersonAsync();
        var (page, server) = await OpenWaitingAsync(person);
        await page.GetByTestId("approval-reason").FillAsync("Not so fast.");
        await page.GetByTestId("approval-arguments").FillAsync("""{ "text": "half """);

        server.Send($$$$"""
            {"type":"resync","data":{"session_id":"s","epoch":"e1","last_seq":3,"trimmed_through":3,"reason":"trimmed","has_more":false,"queued_runs":[],
            "messages":[{"seq":1,"run_id":"r1","message_id":"m1","message":"Save a note, as resynced","agent_name":"assistant","status":"waiting","enable_reasoning":true,"queued_at":1,"steps":[]}],
            "active_run":{"run_id":"r1","status":"waiting","attempt":1,"open_steps":[],"pending_approvals":[{"tool_call_id":"c1","expires_at":{{{{server.ExpiresAt}}}},"tool_name":"save_note","arguments":{"text":"milk"}}]}}}
            """);

        await Assertions.Expect(page.GetByTestId("run")).ToContainTextAsync("as resynced", new() { Timeout = ChatHome.Patience });
        await Assertions.Expect(page.GetByTestId("approval")).ToHaveCountAsync(1);
        await Assertions.Expect(page.GetByTestId("approval-arguments")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("milk\" }");
        await Assertions.Expect(page.GetByTestId("approval-arguments")).ToHaveValueAsync("""{ "text": "half milk" }""");
        await Assertions.Expect(page.GetByTestId("approval-reason")).ToHaveValueAsync("Not so fast.");
        await page.GetByTestId("approve").ClickAsync();
        var answer = await server.Answer.WaitAsync(TimeSpan.FromMilliseconds(ChatHome.Patience));
        Assert.Equal("half milk", answer.GetProperty("arguments").GetProperty("text").GetString());
    }

    private async Task<(IPage Page, ScriptedServer Server)> OpenWaitingAsync(IBrowserContext person)
    {
        var page = await person.NewPageAsync();
        var server = new ScriptedServer();
        await page.RouteWebSocketAsync(url => url.Contains("/ws/chat/", StringComparison.Ordinal), server.Serve);
        await page.GotoAsync(home.Service.Web.ToString());
        await ChatHome.ConnectedAsync(page);
        return (page, server);
    }

    private sealed class ScriptedServer
    {
        private readonly TaskCompletionSource<JsonElement> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private IWebSocketRoute? _socket;

        public long ExpiresAt { get; } = DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 3600;

        public Task<JsonElement> Answer => _answer.Task;

        public void Send(string frame) => _socket!.Send(frame);

        public void Serve(IWebSocketRoute socket)
        {
            _socket = socket;
            socket.OnMessage(frame =>
            {
                var sent = JsonDocument.Parse(frame.Text!).RootElement;
                if (sent.GetProperty("type").GetString() == "tool_approval")
                {
                    _answer.TrySetResult(sent.GetProperty("payload").Clone());
                }
            });
            var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
            socket.Send(
                $$$"""{"type":"connected","data":{"session_id":"s","epoch":"e1","last_seq":0,"resumed":false,"server_time":{{{now}}}}}""");
            socket.Send(
                """{"type":"snapshot","data":{"session_id":"s","epoch":"e1","last_seq":0,"trimmed_through":0,"messages":[],"has_more":false,"queued_runs":[]}}""");
            socket.Send(
                """{"type":"run_queued","seq":1,"run_id":"r1","timestamp":1,"data":{"message":"Save a note","message_id":"m1","agent_name":"assistant","position":0,"enable_reasoning":true}}""");
            socket.Send(
                """{"type":"run_started","seq":2,"run_id":"r1","timestamp":1,"data":{"agent_name":"assistant","model":"demo","attempt":1}}""");
            socket.Send(
                $$$"""{"type":"tool_approval_required","seq":3,"run_id":"r1","timestamp":1,"data":{"tool_call_id":"c1","tool_name":"save_note","arguments":{"text":"milk"},"expires_at":{{{ExpiresAt}}}}}""");
        }
    }
}
