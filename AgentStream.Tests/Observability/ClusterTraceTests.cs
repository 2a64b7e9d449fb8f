using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using AgentStream.Tests.Browser;
using AgentStream.Tests.Distributed.Cluster;
using AgentStream.Tests.Observability.Collector;
using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Processes;
using Microsoft.Playwright;

namespace AgentStream.Tests.Observability;

/// <summary>
/// OTLP as it comes over the wire from real API, worker and web processes, during one run with a tool call and a takeover.
/// </summary>
public sealed partial class ClusterTraceTests(ChromiumBrowser chromium) : IClassFixture<ChromiumBrowser>
{
    private const string Trace = "1af7651916cd43dd8448eb211c80319c";
    private const string Click = "b7ad6b7169203331";
    private const string Question = "tell-nobody-question";
    private const string Note = "tell-nobody-note";
    private const string Answer = "tell-nobody-answer";

    // Whoever looks for a mistake turns this on: no reason to write down what people say.
    private static readonly (string Name, string? Value)[] Debug =
        [("Logging__LogLevel__Default", "Debug"), ("Logging__LogLevel__Microsoft.AspNetCore", "Debug")];

    private const string Plan = $$"""
        { "scripts": [ { "when": "{{Question}}", "replies": [
          [ { "thought": "{{Answer}}" }, { "tool_call": { "name": "save_note", "arguments": { "text": "{{Note}}" } } } ],
          [ { "text": "One " }, { "wait_for_file": "go" }, { "text": "{{Answer}}" }, { "usage": { "input": 12, "output": 5 } } ] ] },
          { "replies": [ [ { "text": "Hello." } ] ] } ] }
        """;

    [RedisFact]
    public async Task Run_OverWebApiAndTwoWorkers_IsOneConnectedTraceWithoutContent()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var cluster = await ServiceCluster.StartAsync(Plan, apis: 1, workers: 2, settings: [.. collector.Settings, .. Debug]);
        await using var web = ServiceProcess.Start("AgentStream.Web", "Application started.", [
            .. collector.Settings.Concat(Debug).Select(setting => KeyValuePair.Create(setting.Name, setting.Value)),
            KeyValuePair.Create<string, string?>("ASPNETCORE_URLS", "http://127.0.0.1:0"),
            KeyValuePair.Create<string, string?>(
                "AgentStream__Web__ApiInternalAddress", ServiceCluster.AddressOf(cluster.Apis[0]).ToString()),
        ]);
        await web.WaitUntilReadyAsync();
        await using var socket = cluster.Socket(0, "traced");
        await socket.ConnectAsync();
        await socket.ReadUntilAsync("snapshot");

        // The click is a form on the classic page, which waits for the answer.
        using var browser = new HttpClient { BaseAddress = ServiceCluster.AddressOf(web) };
        var page = await browser.GetStringAsync(new Uri("/classic/traced", UriKind.Relative));
        using var form = new FormUrlEncodedContent(
            Fields().Matches(page).ToDictionary(field => field.Groups["name"].Value, field => field.Groups["value"].Value)
                .Append(KeyValuePair.Create("Input.Message", Question)).Append(KeyValuePair.Create("Input.AgentName", "assistant")));
        browser.DefaultRequestHeaders.Add("traceparent", $"00-{Trace}-{Click}-01");
        browser.DefaultRequestHeaders.Add("tracestate", "vendor=here");
        var asked = browser.PostAsync(new Uri("/classic/traced", UriKind.Relative), form);
        await socket.ReadUntilAsync(frame => ClusterLog.IsDelta(frame, "One "));
        await collector.WaitForSpanAsync("execute_tool save_note");
        await collector.WaitForSpanAsync("process agentstream.log");

        // What the one to be killed knows of this call.
        await collector.WaitForMetricAsync("agentstream.tool.call.duration");
        var killed = await cluster.WorkerOfAsync("traced");
        await cluster.KillAsync(killed);
        await cluster.OpenGateAsync("go");
        await socket.ReadUntilAsync("run_finished");
        using var answered = await asked;
        Assert.True(answered.IsSuccessStatusCode, await answered.Content.ReadAsStringAsync());
        var processes = cluster.Workers.Concat(cluster.Apis).Append(web).ToList();
        foreach (var process in processes)
        {
            process.Terminate();
            Assert.Equal(0, await process.WaitForExitAsync());
        }

        var started = socket.Of("run_started").ToList();
        var traceId = started[0].Data().Text("trace_id")!;
        Assert.All(started, one => Assert.Equal(Trace, one.Data().Text("trace_id")));
        var spans = TraceAssert.Of(collector, traceId);
        await TracePicture.SaveAsync(spans);
        var successor = spans.One("process agentstream.runs");
        var send = spans.One("send agentstream.runs");
        var lost = successor.Links.Select(link => link.SpanId).Where(id => id != send.SpanId).ToArray();

        // Names, kinds, parents and links.
        Assert.Equal(["AgentStream.Api", "AgentStream.Web", "AgentStream.Worker"], spans.Select(span => span.Service).Distinct().Order());
        var received = spans.One("chat received");
        Assert.Equal((ReceivedSpan.Server, received.SpanId, ReceivedSpan.Producer), (received.Kind, send.ParentId, send.Kind));
        Assert.Equal((ReceivedSpan.Consumer, send.SpanId), (successor.Kind, successor.ParentId));
        Assert.Contains((traceId, send.SpanId), successor.Links);
        Assert.Single(lost);
        var agent = spans.One("invoke_agent assistant");
        Assert.Equal((ReceivedSpan.Internal, successor.SpanId), (agent.Kind, agent.ParentId));
        var chats = spans.All("chat scripted");
        Assert.Contains(chats, chat => chat.ParentId == agent.SpanId);
        Assert.All(chats, chat => Assert.Equal(ReceivedSpan.Client, chat.Kind));
        var tool = spans.One("execute_tool save_note");
        Assert.Equal(ReceivedSpan.Internal, tool.Kind);
        var appends = spans.All("send agentstream.log");
        Assert.Equal(2, appends.Count);
        Assert.Equal(
            appends.Select(append => append.SpanId).Order(),
            spans.All("process agentstream.log").Select(delivery => delivery.ParentId).Order());
        spans.AssertConnected([.. lost, Click]);

        // The agent's span of the attempt that was killed is the only one that is missing.
        Assert.Single(spans.Select(span => span.ParentId).Except(spans.Select(span => span.SpanId)), parent => parent != Click);
        AssertDelivery(spans, started);

        // What the conventions require. The state of the trace goes wherever the trace goes: over HTTP, in the stream, and with the log.
        TraceAssert.AssertConventions(spans);
        Assert.All(spans, span => Assert.Equal("vendor=here", span.TraceState));
        send.AssertAttributes(("messaging.system", "redis"), ("messaging.operation.name", "send"), ("messaging.operation.type", "send"),
            ("messaging.destination.name", "agentstream.runs"), ("messaging.message.id", null));
        successor.AssertAttributes(
            ("messaging.system", "redis"), ("messaging.operation.name", "process"),
            ("messaging.consumer.group.name", "agentstream.workers"),
            ("agentstream.run.attempt", "2"));
        agent.AssertAttributes(
            ("gen_ai.operation.name", "invoke_agent"), ("gen_ai.agent.name", "assistant"), ("gen_ai.conversation.id", "traced"),
            ("gen_ai.provider.name", "scripted"), ("agentstream.run.status", "completed"));
        Assert.All(
            chats,
            chat => chat.AssertAttributes(
                ("gen_ai.operation.name", "chat"), ("gen_ai.provider.name", "scripted"), ("gen_ai.request.model", "scripted"),
                ("gen_ai.conversation.id", "traced")));
        tool.AssertAttributes(
            ("gen_ai.operation.name", "execute_tool"), ("gen_ai.tool.name", "save_note"), ("gen_ai.tool.type", "function"),
            ("gen_ai.tool.call.id", null));

        TraceAssert.AssertNoContent(collector, processes.Append(killed).Select(process => process.Output), Question, Note, Answer);
        AssertLogs(collector, traceId, processes);
        AssertMetrics(collector);

        // Polls that find no work make no spans: all that workers did was this run.
        Assert.All(collector.Spans.Where(span => span.Service == "AgentStream.Worker"), span => Assert.Equal(traceId, span.TraceId));
    }

    [ChromiumRedisFact]
    public async Task Click_OnThePage_BeginsTheTraceThatThePageShowsAndThatEndsWithItsFirstFrame()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var cluster = await ServiceCluster.StartAsync(Plan, apis: 1, workers: 1, web: true, settings: collector.Settings);
        await using var context = await chromium.Browser.NewContextAsync();
        var page = await context.NewPageAsync();
        ConcurrentQueue<string> sent = [];
        page.WebSocket += (_, socket) => socket.FrameSent += (_, frame) => sent.Enqueue(frame.Text ?? "");
        var patience = (float)TestTimeouts.Default.TotalMilliseconds;
        await page.GotoAsync(new Uri(cluster.Web, "/chat/clicked").ToString());
        await Assertions.Expect(page.GetByTestId("connection-state"))
            .ToHaveAttributeAsync("data-state", "connected", new() { Timeout = patience });

        await page.GetByTestId("message-input").FillAsync("hello");
        var watch = Stopwatch.StartNew();
        await page.GetByTestId("send").ClickAsync();
        await Assertions.Expect(page.GetByTestId("run")).ToHaveAttributeAsync("data-status", "completed", new() { Timeout = patience });
        var shown = await page.GetByTestId("trace-id").GetAttributeAsync("data-id");
        string[] chain =
        [
            "chat received", "send agentstream.runs", "process agentstream.runs", "invoke_agent assistant", "send agentstream.log",
            "process agentstream.log",
        ];
        foreach (var name in chain)
        {
            await collector.WaitForSpanAsync(name);
        }

        // What the person waited for the first word, as the server that wrote it knows.
        var waited = watch.Elapsed;
        await collector.WaitForMetricAsync("agentstream.client.time_to_first_token");
        Assert.InRange(TraceAssert.Total(collector, "agentstream.client.time_to_first_token", _ => true), 0.0001, waited.TotalSeconds);

        // 00-trace-span-01: the span is the click, which the page exports nowhere.
        var click = Assert.Single(sent, frame => frame.Contains("\"chat\"", StringComparison.Ordinal));
        var traceparent = JsonElement.Parse(click).GetProperty("payload").GetProperty("traceparent").GetString()!.Split('-');
        Assert.Equal(traceparent[1], shown);
        var spans = TraceAssert.Of(collector, shown!);
        var found = chain.Select(spans.One).ToList();
        Assert.Equal([traceparent[2], .. found.SkipLast(1).Select(span => span.SpanId)], found.Select(span => span.ParentId));
        Assert.Equal(
            ["AgentStream.Api", "AgentStream.Api", "AgentStream.Worker", "AgentStream.Worker", "AgentStream.Worker", "AgentStream.Api"],
            found.Select(span => span.Service));
        spans.AssertConnected(traceparent[2]);
        TraceAssert.AssertConventions(spans);
        TraceAssert.AssertBounded(collector, "clicked");

        // A page is one request, not one for each of its files; and each says what it was.
        var requests = collector.Spans.Where(span => span.Service == "AgentStream.Web").ToList();
        Assert.Equal(
            ["GET chat/{sessionId:session_id?}"],
            requests.Select(request => request.Name.Replace("GET /", "GET ", StringComparison.Ordinal)).Distinct());
        Assert.All(
            requests,
            request => request.AssertAttributes(
                ("http.request.method", "GET"), ("http.response.status_code", "200"), ("http.route", null), ("url.path", null)));
    }

    /// <summary>
    /// A delivery begins with the append of the attempt's first entry, by the store's clock,
    /// and ends when it was written to the first client.
    /// </summary>
    private static void AssertDelivery(IReadOnlyList<ReceivedSpan> spans, IReadOnlyList<JsonElement> started)
    {
        var deliveries = spans.All("process agentstream.log").OrderBy(delivery => delivery.StartNanoseconds).ToList();
        Assert.Equal(started.Count, deliveries.Count);
        Assert.All(deliveries.Zip(started), pair =>
        {
            var (delivery, entry) = pair;
            Assert.Equal(entry.GetProperty("timestamp").GetDouble(), delivery.StartNanoseconds / 1e9, tolerance: 0.001);
            Assert.True(delivery.EndNanoseconds >= delivery.StartNanoseconds);
            Assert.Equal([(delivery.TraceId, delivery.ParentId)], delivery.Links);
        });
    }

    private static void AssertLogs(OtlpCollector collector, string traceId, IEnumerable<ServiceProcess> processes)
    {
        var taken = Assert.Single(collector.Logs, log => log.Body.Contains("was taken for run", StringComparison.Ordinal));
        var ended = Assert.Single(collector.Logs, log => log.Body.Contains("Run ended", StringComparison.Ordinal));
        Assert.All([taken, ended], log => Assert.Equal((traceId, "traced"), (log.TraceId, log.Attributes["session_id"])));
        Assert.NotEmpty(ended.Attributes["run_id"]);
        Assert.All(
            processes,
            process => Assert.All(
                ["of AgentStream run", "model", "essions are kept"],
                words => Assert.Contains(words, process.Output, StringComparison.Ordinal)));
    }

    private static void AssertMetrics(OtlpCollector collector)
    {
        var names = collector.Metrics.Select(metric => metric.Name).ToHashSet();
        Assert.All(
            [
                "agentstream.runs.queued", "agentstream.runs.finished", "agentstream.runs.takeovers", "agentstream.runs.queue_time",
                "agentstream.runs.in_progress",
                "agentstream.queue.depth", "agentstream.queue.age", "agentstream.log.entries", "agentstream.log.append.duration",
                "agentstream.delivery.duration",
                "agentstream.client.time_to_first_token", "agentstream.clients.connected", "agentstream.tool.call.duration",
                "gen_ai.client.token.usage",
                "gen_ai.client.operation.duration", "gen_ai.client.operation.time_to_first_chunk",
                "gen_ai.client.operation.time_per_output_chunk",
            ],
            name => Assert.Contains(name, names));
        var ours = collector.Metrics.Where(metric => metric.Name.StartsWith("agentstream.", StringComparison.Ordinal)).ToList();
        Assert.All(ours, metric =>
            Assert.False(metric.Unit.Length == 0 || metric.Description.Length == 0, $"{metric.Name} says too little about itself"));
        TraceAssert.AssertBounded(collector, "traced");

        // Watched by alerts: from zero on, or the first of each process would not be seen.
        Assert.All(
            ["agentstream.runs.takeovers", "agentstream.clients.slow", "agentstream.clients.resyncs", "agentstream.approvals.answered"],
            name => Assert.Contains(
                collector.Metrics, metric => metric.Name == name && metric.Values.Count > 0 && metric.Values.All(value => value == 0)));
        Assert.Contains(
            collector.Metrics.Where(metric => metric.Name == "agentstream.runs.finished")
                .SelectMany(metric => metric.Points.Zip(metric.Values)),
            point => point.First["agentstream.run.status"] == "failed" && point.Second == 0);
    }

    [GeneratedRegex("<input[^>]*name=\"(?<name>Input\\.MessageId|__RequestVerificationToken)\"[^>]*value=\"(?<value>[^\"]*)\"")]
    private static partial Regex Fields();
}
