using System.Net.WebSockets;
using System.Text;
using AgentStream.Tests.Distributed.Cluster;
using AgentStream.Tests.Distributed.Runs;
using AgentStream.Tests.Observability.Collector;
using AgentStream.Tests.Support.Categories;

namespace AgentStream.Tests.Observability;

/// <summary>The same in one process: one provider, so nothing is exported twice.</summary>
[SystemTest]
public sealed class StandaloneTraceTests
{
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";
    private const string Click = "b7ad6b7169203331";
    private const string Secret = "sk-for-no-eyes";

    [Fact]
    public async Task Run_InOneProcess_ContinuesTheTraceOfTheClickAndIsExportedOnce()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var service = new StandaloneService(collector.Settings);
        await service.StartAsync();
        using var client = new HttpClient();
        Assert.Equal("Healthy", await client.GetStringAsync(new Uri(service.Api, "/health")));
        client.DefaultRequestHeaders.Add("traceparent", $"00-{Trace}-{Click}-01");
        await client.GetStringAsync(new Uri(service.Api, "/api/agents"));
        await using var socket = service.Socket("traced");
        await socket.ConnectAsync();

        await socket.ChatAsync(
            "What is 17.5% of 2,380?",
            $"\"agent_name\":\"researcher\",\"traceparent\":\"00-{Trace}-{Click}-01\",\"tracestate\":\"vendor=here\"");
        await socket.ReadUntilAsync("run_finished");
        service.Process.Terminate();
        Assert.Equal(0, await service.Process.WaitForExitAsync());

        var spans = TraceAssert.Of(collector, Trace);
        var received = spans.One("chat received");
        Assert.Equal((ReceivedSpan.Server, Click), (received.Kind, received.ParentId));
        var send = spans.One("send agentstream.runs");
        var process = spans.One("process agentstream.runs");
        var agent = spans.One("invoke_agent researcher");
        var append = spans.One("send agentstream.log");
        var delivery = spans.One("process agentstream.log");
        Assert.Equal(
            [received.SpanId, send.SpanId, process.SpanId, agent.SpanId, append.SpanId],
            [send.ParentId, process.ParentId, agent.ParentId, append.ParentId, delivery.ParentId]);
        Assert.Equal(agent.SpanId, spans.One("execute_tool calculator").ParentId);
        Assert.All(spans.All("chat demo"), chat => Assert.Equal(agent.SpanId, chat.ParentId));
        Assert.Equal(2, spans.All("chat demo").Count);
        spans.Where(span => span != received).ToList().AssertConnected(received.SpanId, Click);
        send.AssertAttributes(("messaging.system", "agentstream"));
        agent.AssertAttributes(("gen_ai.provider.name", "demo"), ("gen_ai.conversation.id", "traced"), ("agentstream.run.attempt", "1"));
        Assert.All(
            spans.Where(span => span.Scope.StartsWith("AgentStream", StringComparison.Ordinal)),
            span => Assert.Equal("vendor=here", span.TraceState));
        TraceAssert.AssertConventions(spans);
        TraceAssert.AssertNoContent(collector, [service.Process.Output], "2,380", "416.5");
        Assert.Single(collector.Logs, log => log.Body.Contains("Run ended", StringComparison.Ordinal));
        Assert.All(socket.Of("run_started"), one => Assert.Equal(Trace, one.Data().Text("trace_id")));

        // A probe is no news, and neither is a request that lasts as long as its client.
        Assert.All(collector.Spans, span => Assert.Equal(Trace, span.TraceId));
        var routes = collector.Metrics.Where(metric => metric.Name == "http.server.request.duration")
            .SelectMany(metric => metric.Points).Select(point => point.GetValueOrDefault("http.route", "")).ToHashSet();
        Assert.Contains("/api/agents", routes.Select(route => route.TrimEnd('/')));
        Assert.DoesNotContain(
            routes, route => route.Contains("ws/", StringComparison.Ordinal) || route.Contains("health", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_ThatWaitsForAPerson_GoesOnInItsTraceWithALink()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var service = new StandaloneService(
            [.. collector.Settings, ("AgentStream__Agents__researcher__Approvals__0", "save_note")]);
        await service.StartAsync();
        await using var socket = service.Socket("traced");
        await socket.ConnectAsync();

        var question = await ApprovalTests.AskAsync(socket, "Please note: buy milk");
        await collector.WaitForSpanAsync("process agentstream.runs");
        await collector.WaitForValueAsync("agentstream.approvals.waiting", 1);
        await ApprovalTests.AnswerAsync(socket, question);
        await socket.ReadUntilAsync("run_finished");

        // One comes back after what it has; one has a cursor that this log has not reached.
        await socket.ConnectAsync();
        using var ahead = new ClientWebSocket();
        await ahead.ConnectAsync(
            new UriBuilder(service.Api) { Scheme = "ws", Path = "/ws/chat/traced", Query = $"?after=9999&epoch={socket.Epoch}" }.Uri,
            CancellationToken.None);
        await collector.WaitForValueAsync("agentstream.clients.resumes", 1);
        await collector.WaitForValueAsync("agentstream.clients.resyncs", 1);
        service.Process.Terminate();
        Assert.Equal(0, await service.Process.WaitForExitAsync());

        var traceId = Assert.Single(socket.Of("run_started").Select(one => one.Data().Text("trace_id")!).Distinct());
        var spans = TraceAssert.Of(collector, traceId);
        var send = spans.One("send agentstream.runs");
        var claims = spans.All("process agentstream.runs").OrderBy(span => span.StartNanoseconds).ToList();
        Assert.Equal(2, claims.Count);
        Assert.All(claims, claim => Assert.Equal((send.SpanId, "1"), (claim.ParentId, claim.Attributes["agentstream.run.attempt"])));
        Assert.Equal([(traceId, send.SpanId), (traceId, claims[0].SpanId)], claims[1].Links);
        Assert.Equal(
            claims.Select(claim => claim.SpanId).Order(), spans.All("invoke_agent researcher").Select(agent => agent.ParentId).Order());
        spans.AssertConnected(spans.One("chat received").ParentId);
        Assert.Equal(
            1, TraceAssert.Total(collector, "agentstream.approvals.answered", point => point["agentstream.approval.approved"] == "true"));
        Assert.Equal(
            1, TraceAssert.Total(collector, "agentstream.clients.resyncs", point => point["agentstream.resync.reason"] == "ahead"));
        TraceAssert.AssertBounded(collector, "traced");
    }

    [Fact]
    public async Task Log_AtDebug_HoldsNothingThatWasSaidAndNoKey()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var service = new StandaloneService([
            .. collector.Settings,
            ("Logging__LogLevel__Default", "Debug"),
            ("Logging__LogLevel__Microsoft.AspNetCore", "Debug"),
            ("ANTHROPIC_API_KEY", Secret),
            ("OTEL_EXPORTER_OTLP_HEADERS", $"api-key={Secret}"),
            ("AgentStream__DefaultModel", "demo"),
        ]);
        await service.StartAsync();
        await using var socket = service.Socket("traced");
        await socket.ConnectAsync();

        await socket.ChatAsync("Please note: tell-nobody", "\"agent_name\":\"researcher\"");
        await socket.ReadUntilAsync("run_finished");
        using var client = new HttpClient();
        using var said = new StringContent(
            "{\"message\":\"What is 17.5% of 2,380?\",\"context\":{\"where\":\"tell-nobody-either\"}}", Encoding.UTF8, "application/json");
        using var answer = await client.PostAsync(new Uri(service.Api, "/api/sessions/posted/messages?wait=true"), said);
        Assert.Contains("416.5", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        service.Process.Terminate();
        Assert.Equal(0, await service.Process.WaitForExitAsync());

        Assert.Equal(1, service.CountNotes());
        Assert.Contains("dbug:", service.Process.Output, StringComparison.Ordinal);

        // One came over the socket, one over HTTP: the same is known of both.
        var taken = collector.Logs.Where(log => log.Body.Contains("was taken for run", StringComparison.Ordinal)).ToList();
        Assert.Equal(["posted", "traced"], taken.Select(log => log.Attributes["session_id"]).Order());
        Assert.All(taken, log => Assert.True(log.TraceId.Length == 32 && log.Attributes["run_id"].Length > 0));
        TraceAssert.AssertNoContent(collector, [service.Process.Output], "tell-nobody", "2,380", "2380", "416.5", Secret);
    }
}
