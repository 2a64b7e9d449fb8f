using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using AgentStream.Tests.Distributed.Cluster;
using AgentStream.Tests.Support.Categories;

namespace AgentStream.Tests.Samples;

/// <summary>The sample as people run it, against a real server.</summary>
[SystemTest]
public sealed class TerminalProcessTests(TerminalProcessTests.Server server) : IClassFixture<TerminalProcessTests.Server>
{
    private const string AllowIt = "allow it? (y/n)";

    private readonly string _session = Guid.NewGuid().ToString("N");

    [Fact]
    public async Task Run_QuestionThenResumeThenCompare_ShowsWhatHappens()
    {
        var output = await RunAsync("What is 17.5% of 2,340?");
        Assert.Contains("thinks: ", output, StringComparison.Ordinal);
        Assert.Contains("calls: calculator(", output, StringComparison.Ordinal);
        Assert.Contains("result: 409.5", output, StringComparison.Ordinal);
        Assert.Contains("answers: ", output, StringComparison.Ordinal);
        Assert.Contains("completed after", output, StringComparison.Ordinal);

        output = await RunAsync("What time is it?", "--after", output.TrimEnd().Split(' ')[^1]);
        Assert.DoesNotContain("409.5", output, StringComparison.Ordinal);
        Assert.Contains("calls: current_time(", output, StringComparison.Ordinal);

        output = await RunAsync("What is 1 + 1?", "--compare");
        Assert.Contains("streaming", output, StringComparison.Ordinal);
        Assert.Contains("waiting", output, StringComparison.Ordinal);
        Assert.Contains("tokens/s", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Approval_AnsweredWithYes_LetsTheToolRun()
    {
        using var terminal = Start("Remember that the meeting is on Monday.", "--agent", "secretary");

        await terminal.SeeAsync(AllowIt);
        await terminal.TypeAsync("y");

        await terminal.SeeAsync("result: Saved as note 1");
        Assert.Equal(0, await terminal.ExitAsync());
    }

    [Fact]
    public async Task Approval_WithNobodyToAsk_IsRefused()
    {
        using var terminal = Start("Remember that the meeting is on Monday.", "--agent", "secretary");
        terminal.LeaveKeyboard();

        await terminal.SeeAsync(AllowIt);
        await terminal.SeeAsync("A person refused this call");

        Assert.Equal(0, await terminal.ExitAsync());
        Assert.DoesNotContain("Saved", terminal.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Approval_AnsweredByAnotherClient_IsSettledHereToo()
    {
        using var terminal = Start("Remember that the meeting is on Monday.", "--agent", "secretary");
        await terminal.SeeAsync(AllowIt);

        await ApproveAsync((await StateAsync()).GetProperty("active_run"));

        await terminal.SeeAsync("this question is settled");
        await terminal.SeeAsync("result: Saved as note 1");
        Assert.Equal(0, await terminal.ExitAsync());
    }

    [Fact]
    public async Task Approval_AskedBeforeTheCursor_IsAskedAgain()
    {
        using (var left = Start("Remember that the meeting is on Monday.", "--agent", "secretary"))
        {
            await left.SeeAsync(AllowIt);
        }

        var state = await StateAsync();
        using var terminal = Start(
            "What is 1 + 1?", "--after", $"{state.GetProperty("epoch").GetString()}:{state.GetProperty("last_seq").GetInt64()}");
        await terminal.SeeAsync(AllowIt);
        await terminal.TypeAsync("yes");

        await terminal.SeeAsync("result: Saved as note 1");
        await terminal.SeeAsync("result: 2");
        Assert.Equal(0, await terminal.ExitAsync());
    }

    [Fact]
    public async Task Interrupt_InAnAnswer_CancelsTheRun()
    {
        using var terminal = Start("What is 17.5% of 2,340?", "--agent", "snail");
        await terminal.SeeAsync("thinks: ");

        terminal.Interrupt();

        await terminal.SeeAsync("cancelled after");
        await terminal.SeeAsync("to go on:");
        Assert.Equal(1, await terminal.ExitAsync());
    }

    [Fact]
    public async Task Interrupt_AtAQuestion_CancelsTheRunAndLeaves()
    {
        using var terminal = Start("Remember that the meeting is on Monday.", "--agent", "secretary");
        await terminal.SeeAsync(AllowIt);

        terminal.Interrupt();

        await terminal.SeeAsync("cancelled after");
        Assert.Equal(1, await terminal.ExitAsync());
        Assert.Equal("cancelled", (await StateAsync()).GetProperty("messages")[0].GetProperty("status").GetString());
    }

    [Fact]
    public async Task Run_WhoseSessionIsErased_Ends()
    {
        using var terminal = Start("What is 17.5% of 2,340?", "--agent", "snail");
        await terminal.SeeAsync("thinks: ");

        using var erased = await server.Http.DeleteAsync($"/api/sessions/{_session}");

        await terminal.SeeAsync("the session was erased");
        Assert.Equal(1, await terminal.ExitAsync());
    }

    [Fact]
    public async Task Session_ThatIsNone_IsRefusedAndNotTriedAgain()
    {
        using var terminal = TerminalProcess.Start("hello", "--url", server.Address, "--session", "a b");

        await terminal.SeeAsync("a session id has 1 to 128 of the characters");
        Assert.Equal(1, await terminal.ExitAsync());
        Assert.DoesNotContain("trying again", terminal.Output, StringComparison.Ordinal);
    }

    private TerminalProcess Start(params string[] args) => TerminalProcess.Start([.. args, "--url", server.Address, "--session", _session]);

    private async Task<string> RunAsync(params string[] args)
    {
        using var terminal = Start(args);
        terminal.LeaveKeyboard();
        Assert.True(await terminal.ExitAsync() == 0, terminal.Output);
        return terminal.Output;
    }

    private Task<JsonElement> StateAsync() => server.Http.GetFromJsonAsync<JsonElement>($"/api/sessions/{_session}");

    private async Task ApproveAsync(JsonElement run)
    {
        var call = run.GetProperty("pending_approvals")[0].GetProperty("tool_call_id").GetString();
        using var answer = await server.Http.PostAsJsonAsync(
            $"/api/sessions/{_session}/runs/{run.GetProperty("run_id").GetString()}/approvals/{call}", new { approved = true });
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
    }

    /// <summary>One server for all of these, with an agent that asks and one that is slow.</summary>
    public sealed class Server : IAsyncLifetime
    {
        private StandaloneService _service = null!;

        public string Address => _service.Api.AbsoluteUri;

        public HttpClient Http { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            _service = Create();
            await _service.StartAsync();
            Http = new HttpClient { BaseAddress = _service.Api };
        }

        public async Task DisposeAsync()
        {
            Http?.Dispose();
            await _service.DisposeAsync();
        }

        private static StandaloneService Create() => new(
            ("AgentStream__Models__snail__Type", "demo"),
            ("AgentStream__Models__snail__TokensPerSecond", "1"),
            ("AgentStream__DefaultModel", "demo"),
            ("AgentStream__Agents__snail__Description", "Takes its time."),
            ("AgentStream__Agents__snail__Model", "snail"),
            ("AgentStream__Agents__secretary__Description", "Keeps notes, and asks before each."),
            ("AgentStream__Agents__secretary__Tools__0", "save_note"),
            ("AgentStream__Agents__secretary__Approvals__0", "save_*"));
    }
}
