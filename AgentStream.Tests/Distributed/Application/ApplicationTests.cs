using System.Text.Json;
using System.Text.RegularExpressions;
using AgentStream.Tests.Distributed.Cluster;
using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Categories;

namespace AgentStream.Tests.Distributed.Application;

/// <summary>
/// What has to hold of the application with all its processes, whoever starts it:
/// a session is the same on every server, and a worker may go.
/// </summary>
[SystemTest]
public abstract partial class ApplicationTests : IAsyncLifetime
{
    private protected abstract IRunningApplication Application { get; }

    public Task InitializeAsync() => Application.RestoreAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [InheritedFact]
    public async Task Clients_OnTwoServers_SeeTheSameLog()
    {
        await using var one = Application.Socket(0, "same-log");
        await using var other = Application.Socket(1, "same-log");
        await one.ConnectAsync();
        await other.ConnectAsync();
        await Task.WhenAll(one.ReadUntilAsync("snapshot"), other.ReadUntilAsync("snapshot"));
        Assert.Equal(one.Epoch, other.Epoch);

        await one.ChatAsync("same-log");
        await other.ReadUntilAsync(frame => ClusterLog.IsDelta(frame, "It is "));
        await using var late = Application.Socket(1, "same-log");
        await late.ConnectAsync();
        var snapshot = (await late.ReadUntilAsync("snapshot")).Data();
        await Application.OpenGateAsync("same-log");
        await Task.WhenAll(one.ReadUntilAsync("run_finished"), other.ReadUntilAsync("run_finished"), late.ReadUntilAsync("run_finished"));

        ClusterLog.AssertSameLog(one, other);
        Application.AssertSound(one, "same-log");

        // Its snapshot may be the one that the others got a moment before: what follows begins where that ends.
        Assert.EndsWith("42.", Text(late), StringComparison.Ordinal);
        Assert.EndsWith(Text(late), Text(one), StringComparison.Ordinal);
        Assert.Equal(snapshot.GetProperty("last_seq").GetInt64(), late.FirstSeq - 1);
        await using var reader = Application.Socket(1, "same-log").FromTheBeginningOf(one.Epoch);
        await reader.ConnectAsync();
        await reader.ReadUntilAsync("run_finished");
        ClusterLog.AssertSameLog(one, reader);
    }

    [InheritedFact]
    public async Task BusySession_MessagesByAnotherServer_AreQueuedRefusedOrGoFirst()
    {
        await using var one = Application.Socket(0, "busy");
        await using var other = Application.Socket(1, "busy");
        await one.ConnectAsync();
        await other.ConnectAsync();
        await one.ChatAsync("busy");
        await one.ReadUntilAsync("step_delta");

        await other.ChatAsync("refused", "\"on_busy\":\"reject\"");
        var error = await other.ReadUntilAsync("error");
        await other.ChatAsync("queued");
        await other.ReadUntilAsync("accepted");
        await other.ChatAsync("urgent", "\"on_busy\":\"interrupt\"");
        await FinishAsync(one, 3);

        Assert.Equal("busy", error.Data().Text("code"));
        var messages = one.Of("run_queued").ToDictionary(entry => entry.Text("run_id")!, entry => entry.Data().Text("message"));
        Assert.Equal(["busy", "urgent", "queued"], one.Of("run_started").Select(entry => messages[entry.Text("run_id")!]));
        Assert.Equal(["cancelled", "completed", "completed"], one.Of("run_finished").Select(entry => entry.Data().Text("status")));
        Application.AssertSound(one, "busy");
    }

    [InheritedFact]
    public async Task Cancel_ByAnotherServer_EndsTheRunAndKeepsWhatItSaid()
    {
        await using var one = Application.Socket(0, "cancel");
        await using var other = Application.Socket(1, "cancel");
        await one.ConnectAsync();
        await other.ConnectAsync();
        await one.ChatAsync("busy");
        await one.ReadUntilAsync("step_delta");

        await other.SendAsync("""{"type":"cancel"}""");
        var finished = await one.ReadUntilAsync("run_finished");

        Assert.Equal("cancelled", finished.Data().Text("status"));
        Assert.Equal("partial", Assert.Single(one.KeptSteps).Text("content"));
    }

    [InheritedFact]
    public async Task Duplicate_SentToAnotherServer_StartsNothingTwice()
    {
        await using var one = Application.Socket(0, "duplicate");
        await using var other = Application.Socket(1, "duplicate");
        await one.ConnectAsync();
        await other.ConnectAsync();
        await one.ChatAsync("hello", "\"message_id\":\"m1\"");
        var first = (await one.ReadUntilAsync("accepted")).Data();

        await other.ChatAsync("hello", "\"message_id\":\"m1\"");
        var second = (await other.ReadUntilAsync("accepted")).Data();

        Assert.True(second.GetProperty("duplicate").GetBoolean());
        Assert.Equal(first.Text("run_id"), second.Text("run_id"));
    }

    [InheritedFact]
    public async Task Agents_OfTheWorkers_AreToldByServersThatHaveNone()
    {
        // Twice, each time over a connection of its own: on both servers.
        for (var i = 0; i < 2; i++)
        {
            using var http = new HttpClient { BaseAddress = Application.Api };

            var agents = JsonElement.Parse(await http.GetStringAsync("/api/agents")).EnumerateArray().ToList();

            Assert.Contains(agents, agent => agent.Text("name") == "researcher" && agent.GetProperty("tools").GetArrayLength() > 0);
        }
    }

    [InheritedFact]
    public async Task Page_OfAChat_NamesTheAddressOfTheApi()
    {
        using var http = new HttpClient { BaseAddress = Application.Web };

        var page = await http.GetStringAsync("/chat/on-the-page");

        Assert.Contains($"data-api-base=\"{Application.Api.GetLeftPart(UriPartial.Authority)}\"", page, StringComparison.Ordinal);
        Assert.Contains("data-session-id=\"on-the-page\"", page, StringComparison.Ordinal);
    }

    [InheritedFact]
    public async Task ClassicChat_OnThePage_IsAnsweredByAWorkerAndSeenOnTheSocket()
    {
        await using var socket = Application.Socket(0, "on-the-page");
        await socket.ConnectAsync();

        var page = await AskOnPageAsync("on-the-page", "on-the-page, please");
        await socket.ReadUntilAsync("run_finished");

        Assert.Contains("It is 144 &lt;b&gt;exactly&lt;/b&gt;.", page, StringComparison.Ordinal);
        Assert.Equal("It is 144 <b>exactly</b>.", socket.KeptSteps[^1].Text("content"));
        Application.AssertSound(socket, "on-the-page");
    }

    [InheritedFact]
    public async Task Worker_ThatStopsInTheMiddleOfARun_HandsItBackWithoutCountingAnAttempt()
    {
        await using var socket = await AskAsync("worker-stops");
        await socket.ReadUntilAsync(frame => ClusterLog.IsDelta(frame, "One "));

        await Application.StopWorkerOfAsync("worker-stops");
        await Application.OpenGateAsync("worker-stops");
        await Application.AssertEndsWellAsync(socket, "worker-stops", 1, 1);

        Assert.Single(Application.CallsWithNotes("worker-stops"));
    }

    [InheritedFact]
    public async Task Worker_KilledDuringTheAnswer_TheResultIsKeptAndTheAnswerBegunAgain()
    {
        await using var socket = await AskAsync("worker-dies");
        await socket.ReadUntilAsync(frame => ClusterLog.IsDelta(frame, "One "));

        await Application.KillWorkerOfAsync("worker-dies");
        await Application.OpenGateAsync("worker-dies");
        await Application.AssertEndsWellAsync(socket, "worker-dies", 1, 2);

        Assert.Single(Application.CallsWithNotes("worker-dies"));
        Assert.Single(socket.Steps, step => step.Text("type") == "tool_result");
    }

    private static string Text(ChatSocket socket)
        => string.Concat(socket.Of("step_delta").Select(entry => entry.Data().Text("delta")));

    private static async Task FinishAsync(ChatSocket socket, int runs)
    {
        while (socket.Of("run_finished").Count() < runs)
        {
            await socket.ReadUntilAsync("run_finished");
        }
    }

    private async Task<ChatSocket> AskAsync(string what)
    {
        var socket = Application.Socket(0, what);
        await socket.ConnectAsync();
        await socket.ChatAsync(what);
        return socket;
    }

    /// <summary>
    /// The classic chat as a browser without scripts has it: loads the form, sends it, and gets the page with the answer.
    /// </summary>
    private async Task<string> AskOnPageAsync(string session, string message)
    {
        using var http = new HttpClient { BaseAddress = Application.Web };
        var form = await http.GetStringAsync($"/classic/{session}");
        using var content = new FormUrlEncodedContent(HiddenFields().Matches(form)
            .ToDictionary(field => Name().Match(field.Value).Groups[1].Value, field => Value().Match(field.Value).Groups[1].Value)
            .Append(new("Input.Message", message)));
        using var answer = await http.PostAsync($"/classic/{session}", content);
        Assert.True(answer.IsSuccessStatusCode, $"{answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
        return await answer.Content.ReadAsStringAsync();
    }

    [GeneratedRegex("""<input[^>]*type="hidden"[^>]*>""")]
    private static partial Regex HiddenFields();

    [GeneratedRegex("\\sname=\"([^\"]*)\"")]
    private static partial Regex Name();

    [GeneratedRegex("\\svalue=\"([^\"]*)\"")]
    private static partial Regex Value();
}
