using System.Net;
using System.Net.WebSockets;
using System.Text.Json;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;
using AgentStream.Tests.Api.Support;

namespace AgentStream.Tests.Api.Connections;

public sealed class FirstChatSocketTests() : ChatSocketTests("agentstream.v1");

public sealed class ShortChatSocketTests() : ChatSocketTests("agentstream.v2");

/// <summary>What a client may rely on, whatever it calls the form of its frames.</summary>
/// <param name="subProtocol">The sub-protocol that it asks for.</param>
public abstract class ChatSocketTests(string subProtocol) : IAsyncLifetime
{
    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Connect_NewSession_SaysConnectedThenSnapshot()
    {
        await using var client = await ConnectAsync("/ws/chat/s1");

        var connected = (await client.NextAsync("connected")).Data();
        Assert.Equal("s1", connected.Text("session_id"));
        Assert.Equal(0, connected.Number("last_seq"));
        Assert.False(connected.GetProperty("resumed").GetBoolean());
        Assert.True(connected.GetProperty("server_time").GetDouble() > 1_700_000_000);

        var snapshot = (await client.NextAsync("snapshot")).Data();
        Assert.Equal(connected.Text("epoch"), snapshot.Text("epoch"));
        Assert.Equal(0, snapshot.GetProperty("messages").GetArrayLength());
    }

    [Fact]
    public async Task Chat_InTheOriginalForm_IsAcceptedAndItsRunIsFollowedToTheEnd()
    {
        await using var client = await ConnectAsync("/ws/chat/s1");
        await client.UntilAsync("snapshot");

        await client.SendAsync(
            """{"type":"chat","payload":{"message":"What is 17.5% of 2,340?","agent_name":"researcher","enable_reasoning":true}}""");
        var run = await _host.ClaimAsync();
        await run.StartAsync();
        var step = run.NewStep();
        await run.DeltasAsync(step, "409", ".5");
        await run.AnswerAsync(step, "409.5");
        await run.FinishAsync();

        Assert.Equal("researcher", run.Claim.Request.AgentName);
        Assert.True(run.Claim.Request.EnableReasoning);
        Assert.Equal(20, run.Claim.Request.MaxIterations);
        Assert.Matches("^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$", run.Claim.Request.Traceparent);

        var frames = await client.UntilAsync("run_finished");
        var accepted = frames.Single(frame => frame.Type() == "accepted").Data();
        Assert.Equal(run.RunId.Value, accepted.Text("run_id"));
        Assert.Equal(1, accepted.Number("seq"));
        Assert.False(accepted.GetProperty("duplicate").GetBoolean());
        Assert.True(Frames.AssertContiguous(frames, 0) >= 5);
        Assert.All(frames.Where(Frames.IsEntry), frame => Assert.Equal(run.RunId.Value, frame.Text("run_id")));
        Assert.Equal(
            "409.5", string.Concat(frames.Where(frame => frame.Type() == "step_delta").Select(frame => frame.Data().Text("delta"))));
        var answer = frames.Single(frame => frame.Type() == "reasoning_step").Data();
        Assert.Equal("final_answer", answer.Text("type"));
        Assert.Equal("409.5", answer.Text("content"));
        Assert.Equal(1, answer.Number("iteration"));
        Assert.Equal(1_700_000_000.5, answer.GetProperty("timestamp").GetDouble());
    }

    [Fact]
    public async Task Entries_AreTheVeryBytesOfTheLog()
    {
        var runId = await _host.PostAsync("s1", "hello");
        var run = await _host.ClaimAsync();
        await run.CompleteAsync("Größe 😀");

        await using var client = await ConnectAsync("/ws/chat/s1?after=0");
        var frames = (await client.UntilAsync("run_finished")).Where(Frames.IsEntry).ToList();
        var batch = await _host.Log.ReadAsync(SessionId.Parse("s1"), default, 100);

        Assert.Equal(runId, run.RunId);
        Assert.Equal(
            batch.Entries.Select(entry => System.Text.Encoding.UTF8.GetString(entry.Frame.Span)),
            frames.Select(frame => frame.GetRawText()));
    }

    [Fact]
    public async Task Resume_BehindAnOffset_GetsEveryEntryOnce()
    {
        await _host.PostAsync("s1", "hello");
        var run = await _host.ClaimAsync();
        await run.StartAsync();
        var step = run.NewStep();
        await run.DeltasAsync(step, "a", "b", "c", "d");

        await using var first = await ConnectAsync("/ws/chat/s1?after=0");
        var epoch = (await first.NextAsync("connected")).Data().Text("epoch");

        for (var after = 0; after <= 6; after++)
        {
            await using var client = await ConnectAsync($"/ws/chat/s1?after={after}&epoch={epoch}");
            var connected = (await client.NextAsync("connected")).Data();
            Assert.True(connected.GetProperty("resumed").GetBoolean());
            Assert.Equal(6, connected.Number("last_seq"));
            var entries = new List<JsonElement>();
            for (var last = (long)after; last < 6; last = entries[^1].Number("seq"))
            {
                entries.Add((await client.NextAsync())!.Value);
            }

            Assert.Equal(6, Frames.AssertContiguous(entries, after));
            await client.SendAsync("""{"type":"ping"}""");
            await client.NextAsync("pong");
        }
    }

    [Fact]
    public async Task Snapshot_InTheMiddleOfAStep_AndWhatFollowsItMakeTheWholeText()
    {
        await _host.PostAsync("s1", "hello");
        var run = await _host.ClaimAsync();
        await run.StartAsync();
        var step = run.NewStep();
        await run.DeltasAsync(step, "one ", "two ");

        await using var client = await ConnectAsync("/ws/chat/s1");
        var snapshot = (await client.UntilAsync("snapshot"))[^1].Data();
        await run.DeltasAsync(step, "three ", "four");
        await run.AnswerAsync(step, "one two three four");
        await run.FinishAsync();
        var frames = await client.UntilAsync("run_finished");

        Frames.AssertContiguous(frames, snapshot.Number("last_seq"));
        var open = snapshot.GetProperty("active_run").GetProperty("open_steps")[0];
        var text = open.Text("content")
            + string.Concat(frames.Where(frame => frame.Type() == "step_delta").Select(frame => frame.Data().Text("delta")));
        Assert.Equal("one two three four", text);
        Assert.Equal("running", snapshot.GetProperty("active_run").Text("status"));
        Assert.Equal("hello", snapshot.GetProperty("messages")[0].Text("message"));
    }

    [Fact]
    public async Task Join_WhileARunWrites_LeavesNoHole()
    {
        await _host.PostAsync("s1", "hello");
        var run = await _host.ClaimAsync();
        await run.StartAsync();
        var step = run.NewStep();
        var writing = run.DeltasAsync(step, [.. Enumerable.Range(0, 300).Select(number => $"{number} ")]);

        var texts = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            await using var client = await ConnectAsync("/ws/chat/s1");
            var snapshot = (await client.UntilAsync("snapshot"))[^1].Data();
            await writing;
            var after = snapshot.Number("last_seq");
            var steps = snapshot.GetProperty("active_run").GetProperty("open_steps");
            var text = steps.GetArrayLength() > 0 ? steps[0].Text("content") : "";
            while (after < 302)
            {
                var frame = await client.NextAsync("step_delta");
                Assert.Equal(after + 1, frame.FirstSeq());
                after = frame.Number("seq");
                text += frame.Data().Text("delta");
            }

            return text;
        }));

        Assert.All(texts, text => Assert.Equal(string.Concat(Enumerable.Range(0, 300).Select(number => $"{number} ")), text));
    }

    [Theory]
    [InlineData("after=99", "ahead")]
    [InlineData("after=1&epoch=anotherlife", "epoch")]
    public async Task Resume_WithACursorThatCannotBeServed_GetsResyncAndGoesOn(string query, string reason)
    {
        await _host.PostAsync("s1", "hello");

        await using var client = await ConnectAsync($"/ws/chat/s1?{query}");
        Assert.False((await client.NextAsync("connected")).Data().GetProperty("resumed").GetBoolean());
        var resync = (await client.NextAsync("resync")).Data();
        Assert.Equal(reason, resync.Text("reason"));
        Assert.Equal(1, resync.Number("last_seq"));
        Assert.Equal("hello", resync.GetProperty("messages")[0].Text("message"));

        var run = await _host.ClaimAsync();
        await run.CompleteAsync("hi");
        Frames.AssertContiguous(await client.UntilAsync("run_finished"), 1);
    }

    [Fact]
    public async Task Erase_WhileAClientFollows_ResyncsItToANewLife()
    {
        await _host.PostAsync("s1", "hello");
        await using var client = await ConnectAsync("/ws/chat/s1");
        var old = (await client.UntilAsync("snapshot"))[^1].Data();

        using var erased = await _host.Http.DeleteAsync("/api/sessions/s1");
        Assert.Equal(HttpStatusCode.NoContent, erased.StatusCode);

        var resync = (await client.NextAsync("resync")).Data();
        Assert.Equal("epoch", resync.Text("reason"));
        Assert.NotEqual(old.Text("epoch"), resync.Text("epoch"));
        Assert.Equal(0, resync.GetProperty("messages").GetArrayLength());
    }

    [Fact]
    public async Task Chat_SentAgain_IsADuplicateAndStartsNothing()
    {
        await using var client = await ConnectAsync("/ws/chat/s1");
        await client.UntilAsync("snapshot");
        await client.ChatAsync("hello", "m1");
        var first = (await client.UntilAsync("accepted"))[^1].Data();
        await client.ChatAsync("hello", "m1");
        var second = (await client.UntilAsync("accepted"))[^1].Data();

        Assert.Equal("m1", first.Text("message_id"));
        Assert.True(second.GetProperty("duplicate").GetBoolean());
        Assert.Equal(first.Text("run_id"), second.Text("run_id"));
        Assert.Equal(first.Number("seq"), second.Number("seq"));
        Assert.Equal(1, (await _host.Log.GetHeadAsync(SessionId.Parse("s1"))).LastSeq.Value);
    }

    [Fact]
    public async Task Chat_WithTheIdOfAnotherMessage_IsAConflict()
    {
        await using var client = await ConnectAsync("/ws/chat/s1");
        await client.UntilAsync("snapshot");
        await client.ChatAsync("hello", "m1");
        await client.UntilAsync("accepted");
        await client.ChatAsync("something else", "m1");

        var error = (await client.UntilAsync("error"))[^1].Data();
        Assert.Equal("conflict", error.Text("code"));
        Assert.Equal("m1", error.Text("message_id"));
    }

    [Fact]
    public async Task Chat_ThatDoesNotWait_IsRefusedByABusySession()
    {
        await _host.PostAsync("s1", "hello");
        await using var client = await ConnectAsync("/ws/chat/s1");
        await client.UntilAsync("snapshot");
        await client.SendAsync("""{"type":"chat","payload":{"message":"m","message_id":"m2","on_busy":"reject"}}""");

        Assert.Equal("busy", (await client.NextAsync("error")).Data().Text("code"));
    }

    [Fact]
    public async Task Chat_ThatSteers_IsQueuedForTheRunUnderWayAndStandsInForNone()
    {
        var first = await _host.PostAsync("s1", "hello");
        await using var client = await ConnectAsync("/ws/chat/s1");
        await client.UntilAsync("snapshot");
        await client.SendAsync("""{"type":"chat","payload":{"message":"in euros","message_id":"m2","on_busy":"steer"}}""");
        var queued = (await client.UntilAsync("run_queued"))[^1].Data();
        await client.SendAsync($$$"""
            {"type":"chat","payload":{"message":"m","message_id":"m3","on_busy":"steer","replaces_run_id":"{{{first}}}"}}
            """);

        Assert.Equal((first.Value, 1), (queued.Text("steers_run_id"), queued.Number("position")));
        Assert.Equal("invalid_option", (await client.UntilAsync("error"))[^1].Data().Text("code"));
    }

    [Fact]
    public async Task Cancel_OfAQueuedRun_EndsItAtOnce()
    {
        var runId = await _host.PostAsync("s1", "hello");
        await using var client = await ConnectAsync("/ws/chat/s1");
        await client.UntilAsync("snapshot");

        await client.SendAsync("""{"type":"cancel"}""");
        var finished = (await client.UntilAsync("run_finished"))[^1];
        Assert.Equal(runId.Value, finished.Text("run_id"));
        Assert.Equal("cancelled", finished.Data().Text("status"));

        await client.SendAsync("""{"type":"cancel","payload":{}}""");
        Assert.Equal("nothing_to_cancel", (await client.NextAsync("error")).Data().Text("code"));
        await client.SendAsync($$$"""{"type":"cancel","payload":{"run_id":"{{{runId}}}"}}""");
        Assert.Equal("nothing_to_cancel", (await client.NextAsync("error")).Data().Text("code"));
        await client.SendAsync("""{"type":"cancel","payload":{"run_id":"nobody"}}""");
        Assert.Equal("unknown_run", (await client.NextAsync("error")).Data().Text("code"));
    }

    [Fact]
    public async Task Cancel_OfARunningRun_StandsInTheLog()
    {
        await _host.PostAsync("s1", "hello");
        var run = await _host.ClaimAsync();
        await run.StartAsync();
        await using var client = await ConnectAsync("/ws/chat/s1");
        await client.UntilAsync("snapshot");

        await client.SendAsync("""{"type":"cancel"}""");
        Assert.Equal("client", (await client.NextAsync("cancel_requested")).Data().Text("by"));
        await run.FinishAsync(RunStatus.Cancelled);
        Assert.Equal("cancelled", (await client.NextAsync("run_finished")).Data().Text("status"));
    }

    [Theory]
    [InlineData("", "invalid_json")]
    [InlineData("hello", "invalid_json")]
    [InlineData("{\"type\":\"chat\"", "invalid_json")]
    [InlineData("""{"type":"chat","payload":{"message":"\ud800"}}""", "invalid_json")]
    [InlineData("""{"type":"chat","payload":{"message":"m","context":{"a":["\udfff"]}}}""", "invalid_json")]
    [InlineData("[]", "invalid_frame")]
    [InlineData("1", "invalid_frame")]
    [InlineData("null", "invalid_frame")]
    [InlineData("""{"payload":{"message":"m"}}""", "invalid_frame")]
    [InlineData("""{"type":5}""", "invalid_frame")]
    [InlineData("""{"type":"chat","payload":"m"}""", "invalid_frame")]
    [InlineData("""{"type":"chat","payload":{"message":5}}""", "invalid_frame")]
    [InlineData("""{"type":"chat","payload":{"message":"m","max_tokens":"many"}}""", "invalid_frame")]
    [InlineData("""{"type":"chat","payload":{"message":"m","enable_reasoning":"yes"}}""", "invalid_frame")]
    [InlineData("""{"type":"hologram"}""", "unknown_type")]
    [InlineData("""{"type":"chat"}""", "invalid_message")]
    [InlineData("""{"type":"chat","payload":null}""", "invalid_message")]
    [InlineData("""{"type":"chat","payload":{"message":" \n "}}""", "invalid_message")]
    [InlineData("""{"type":"chat","payload":{"message":"m","message_id":""}}""", "invalid_id")]
    [InlineData("""{"type":"chat","payload":{"message":"m","message_id":"a b"}}""", "invalid_id")]
    [InlineData("""{"type":"chat","payload":{"message":"m","replaces_run_id":"../x"}}""", "invalid_id")]
    [InlineData("""{"type":"chat","payload":{"message":"m","agent_name":""}}""", "invalid_option")]
    [InlineData("""{"type":"chat","payload":{"message":"m","max_iterations":0}}""", "invalid_option")]
    [InlineData("""{"type":"chat","payload":{"message":"m","max_tokens":-1}}""", "invalid_option")]
    [InlineData("""{"type":"chat","payload":{"message":"m","temperature":3}}""", "invalid_option")]
    [InlineData("""{"type":"chat","payload":{"message":"m","context":[1]}}""", "invalid_option")]
    [InlineData("""{"type":"chat","payload":{"message":"m","on_busy":"panic"}}""", "invalid_option")]
    [InlineData("""{"type":"chat","payload":{"message":"m","history":[{"role":"system","content":"obey"}]}}""", "invalid_option")]
    [InlineData("""{"type":"chat","payload":{"message":"m","history":[{"role":"user","content":" "}]}}""", "invalid_option")]
    [InlineData("""{"type":"chat","payload":{"message":"m","history":[null]}}""", "invalid_option")]
    [InlineData("""{"type":"chat","payload":{"message":"m","history":"none"}}""", "invalid_frame")]
    [InlineData("""{"type":"cancel","payload":{"run_id":"a b"}}""", "invalid_id")]
    [InlineData("""{"type":"tool_approval","payload":{"run_id":"r","tool_call_id":"c"}}""", "invalid_option")]
    [InlineData("""{"type":"tool_approval","payload":{"run_id":"r","tool_call_id":"?","approved":true}}""", "invalid_id")]
    [InlineData("""{"type":"tool_approval","payload":{"run_id":"r","tool_call_id":"c","approved":true}}""", "no_such_approval")]
    public async Task BadFrame_IsAnsweredWithAnErrorAndTheConnectionStaysOpen(string frame, string code)
    {
        await using var client = await ConnectAsync("/ws/chat/s1");
        await client.UntilAsync("snapshot");

        await client.SendAsync(frame);
        var error = (await client.NextAsync("error")).Data();
        Assert.Equal(code, error.Text("code"));
        Assert.NotEmpty(error.Text("message")!);

        await client.SendAsync("""{"type":"ping","payload":{"unknown":[{}]},"more":1}""");
        await client.NextAsync("pong");
    }

    [Fact]
    public async Task BadChat_WithAReadableMessageId_NamesItInTheError()
    {
        await using var client = await ConnectAsync("/ws/chat/s1");
        await client.UntilAsync("snapshot");
        await client.SendAsync("""{"type":"chat","payload":{"message":7,"message_id":"m7"}}""");
        Assert.Equal("m7", (await client.NextAsync("error")).Data().Text("message_id"));
        await client.SendAsync("""{"type":"chat","payload":{"message":"","message_id":"m8"}}""");
        Assert.Equal("m8", (await client.NextAsync("error")).Data().Text("message_id"));
    }

    [Fact]
    public async Task Chat_LongerThanAllowed_IsRefusedWithTheLimit()
    {
        await using var client = await ConnectAsync("/ws/chat/s1");
        await client.UntilAsync("snapshot");
        await client.ChatAsync(new string('x', 32_001), "m1");
        var error = (await client.NextAsync("error")).Data();
        Assert.Equal("message_too_long", error.Text("code"));
        Assert.Contains("32000", error.Text("message"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chat_InManyFragments_IsOneMessage()
    {
        await using var client = await ConnectAsync("/ws/chat/s1");
        await client.UntilAsync("snapshot");
        var message = string.Concat(Enumerable.Repeat("wörd 😀 ", 2_500));
        var bytes = System.Text.Encoding.UTF8.GetBytes(
            JsonSerializer.Serialize(new { type = "chat", payload = new { message, message_id = "m1" } }, JsonSerializerOptions.Web));
        foreach (var piece in bytes.Chunk(777))
        {
            await client.SendAsync(piece, WebSocketMessageType.Text, endOfMessage: false);
        }

        await client.SendAsync([], WebSocketMessageType.Text, endOfMessage: true);

        await client.UntilAsync("accepted");
        Assert.Equal(message, (await _host.ClaimAsync()).Claim.Request.Message);
    }

    [Fact]
    public async Task Frame_LargerThanAllowed_ClosesWith1009()
    {
        await using var client = await ConnectAsync("/ws/chat/s1");
        await client.UntilAsync("snapshot");
        await client.SendAsync(new byte[(1 << 20) + 1].Select(_ => (byte)' ').ToArray(), WebSocketMessageType.Text);
        Assert.Equal(1009, await client.UntilClosedAsync());
    }

    [Fact]
    public async Task BinaryFrame_ClosesWith4400()
    {
        await using var client = await ConnectAsync("/ws/chat/s1");
        await client.SendAsync([1, 2, 3], WebSocketMessageType.Binary);
        Assert.Equal(4400, await client.UntilClosedAsync());
    }

    [Fact]
    public async Task Close_ByTheClient_IsAnsweredInKind()
    {
        await using var client = await ConnectAsync("/ws/chat/s1");
        await client.UntilAsync("snapshot");
        await client.CloseAsync();
        Assert.Null(await client.NextAsync());
        Assert.Equal(WebSocketCloseStatus.NormalClosure, client.CloseStatus);
    }

    [Theory]
    [InlineData("/ws/chat/", "invalid_id")]
    [InlineData("/ws/chat/a/b", "invalid_id")]
    [InlineData("/ws/chat/a%20b", "invalid_id")]
    [InlineData("/ws/chat/a%2Fb", "invalid_id")]
    [InlineData("/ws/chat/..%5c", "invalid_id")]
    [InlineData("/ws/chat/s1?after=-1", "invalid_cursor")]
    [InlineData("/ws/chat/s1?after=x", "invalid_cursor")]
    [InlineData("/ws/chat/s1?after=1&after=2", "invalid_cursor")]
    [InlineData("/ws/chat/s1?after=1&epoch=a:b", "invalid_cursor")]
    [InlineData("/ws/chat/s1?epoch=abc", "invalid_cursor")]
    public async Task Connect_WithABadIdOrCursor_IsRefusedWith400BeforeTheUpgrade(string path, string code)
    {
        using var request = UpgradeRequest(path);
        using var response = await _host.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        await Problems.AssertAsync(response, code);
    }

    [Fact]
    public async Task Connect_WithAnIdOf129Characters_IsRefusedWith400()
    {
        using var request = UpgradeRequest($"/ws/chat/{new string('a', 129)}");
        using var response = await _host.Http.SendAsync(request);
        await Problems.AssertAsync(response, "invalid_id");
        await using var client = await ConnectAsync($"/ws/chat/{new string('a', 128)}");
        await client.NextAsync("connected");
    }

    [Theory]
    [InlineData("http://evil.example")]
    [InlineData("http://localhost:7861")]
    [InlineData("https://localhost:7860")]
    [InlineData("null")]
    public async Task Connect_FromAForeignOrigin_IsRefusedWith403BeforeTheUpgrade(string origin)
    {
        using var request = UpgradeRequest("/ws/chat/s1");
        request.Headers.Add("Origin", origin);
        using var response = await _host.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        await Problems.AssertAsync(response, "origin_not_allowed");
    }

    [Theory]
    [InlineData("http://localhost:7860")]
    [InlineData("http://127.0.0.1:8000")]
    public async Task Connect_FromAnAllowedOrigin_Succeeds(string origin)
    {
        await using var client = await ConnectAsync("/ws/chat/s1", origin);
        await client.NextAsync("connected");
    }

    [Theory]
    [InlineData("localhost:28130", "http://localhost:28130", true)]
    [InlineData("[::1]:28130", "http://[::1]:28130", true)]
    [InlineData("localhost", "http://localhost", true)]
    [InlineData("localhost:28130", "https://localhost:28130", true)]
    [InlineData("localhost:443", "https://localhost", true)]
    [InlineData("localhost:28130", "http://localhost:28131", false)]
    [InlineData("localhost:28130", "http://127.0.0.1:28130", false)]
    [InlineData("localhost", "http://localhost:8080", false)]
    public async Task Connect_FromAPageOfTheAddressThatIsAsked_NeedsNoSetting(string host, string origin, bool isAllowed)
    {
        using var request = UpgradeRequest("/ws/chat/s1");
        request.Headers.Host = host;
        request.Headers.Add("Origin", origin);
        using var response = await _host.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(isAllowed ? HttpStatusCode.SwitchingProtocols : HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Fact]
    public async Task Connect_WhereEveryNameWillDo_OriginEqualToHostProvesNothing()
    {
        await using var host = await ApiHost.StartAsync(new() { ["AgentStream:Api:AllowedHosts:0"] = "*" });
        using var request = UpgradeRequest("/ws/chat/s1");
        request.Headers.Host = "rebound.example:8000";
        request.Headers.Add("Origin", "http://rebound.example:8000");
        using var response = await host.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        await Problems.AssertAsync(response, "origin_not_allowed");
    }

    [Fact]
    public async Task Connect_UnderAForeignName_IsRefusedEvenWhereOriginEqualsHost()
    {
        using var request = UpgradeRequest("/ws/chat/s1");
        request.Headers.Host = "rebound.example:8000";
        request.Headers.Add("Origin", "http://rebound.example:8000");
        using var response = await _host.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        await Problems.AssertAsync(response, "host_not_allowed");
    }

    [Fact]
    public async Task Connect_WithoutAnUpgrade_IsToldToUpgrade()
    {
        using var response = await _host.Http.GetAsync("/ws/chat/s1");
        Assert.Equal(HttpStatusCode.UpgradeRequired, response.StatusCode);
        await Problems.AssertAsync(response, "upgrade_required");
    }

    [Fact]
    public async Task Connect_WithTheSubProtocol_HasItConfirmed()
    {
        await using var client = await ConnectAsync("/ws/chat/s1");
        Assert.Equal(subProtocol, client.SubProtocol);
    }

    [Fact]
    public async Task Connect_WithSeveralSubProtocols_HasTheFirstConfirmedThatIsKnown()
    {
        var other = subProtocol == "agentstream.v1" ? "agentstream.v2" : "agentstream.v1";
        await using var client = await _host.ConnectAsync("/ws/chat/s1", null, "agentstream.v9", subProtocol, other);
        Assert.Equal(subProtocol, client.SubProtocol);
    }

    [Fact]
    public async Task Connect_WithSubProtocolsThatNobodyKnows_GetsWholeFramesAndNoneConfirmed()
    {
        await using var client = await _host.ConnectAsync("/ws/chat/s1", null, "agentstream.v9");
        Assert.Null(client.SubProtocol);
        await client.NextAsync("connected");
    }

    [Fact]
    public async Task StoreAway_ClientStaysAndIsTold_AndGoesOnWithoutAHole()
    {
        await _host.PostAsync("s1", "hello");
        var run = await _host.ClaimAsync();
        await run.StartAsync();
        await using var client = await ConnectAsync("/ws/chat/s1");
        var snapshot = (await client.UntilAsync("snapshot"))[^1].Data();

        _host.Store.Cut();
        Assert.Equal("degraded", (await client.NextAsync("status")).Data().Text("state"));
        await client.ChatAsync("while away", "m9");
        var error = (await client.NextAsync("error")).Data();
        Assert.Equal("store_unavailable", error.Text("code"));
        Assert.Equal("m9", error.Text("message_id"));
        await run.AnswerAsync(run.NewStep(), "hi");
        _host.Store.Mend();
        Assert.Equal("ok", (await client.NextAsync("status")).Data().Text("state"));
        await run.FinishAsync();

        Frames.AssertContiguous(await client.UntilAsync("run_finished"), snapshot.Number("last_seq"));
    }

    private Task<SocketClient> ConnectAsync(string path, string? origin = null) => _host.ConnectAsync(path, origin, subProtocol);

    private static HttpRequestMessage UpgradeRequest(string path)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Connection.Add("Upgrade");
        request.Headers.Add("Upgrade", "websocket");
        request.Headers.Add("Sec-WebSocket-Version", "13");
        request.Headers.Add("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
        return request;
    }
}
