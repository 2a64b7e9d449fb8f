using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using AgentStream.Tests.Observability.Collector;
using AgentStream.Tests.Support;
using AgentStream.Tests.Support.Categories;
using AgentStream.Tests.Worker.Running;
using AgentStream.Tests.Worker.Tools.Mcp;
using AgentStream.Worker.Tools.Arguments;

namespace AgentStream.Tests.Observability;

/// <summary>What the official SDK says of a call to a real server lies beneath the tool call that made it.</summary>
[SystemTest]
public sealed class McpTraceTests
{
    private const string McpSource = "Experimental.ModelContextProtocol";

    [Fact]
    public async Task Call_OfAServersTool_HasTheClientsSpanBeneathTheToolCallAndMeasuresWithoutIds()
    {
        ConcurrentQueue<KeyValuePair<string, object?>> measured = [];
        using var meters = new MeterListener
        {
            InstrumentPublished = (instrument, listening) =>
            {
                if (instrument.Meter.Name == McpSource)
                {
                    listening.EnableMeasurementEvents(instrument);
                }
            },
        };
        meters.SetMeasurementEventCallback<double>((_, _, tags, _) => Array.ForEach(tags.ToArray(), measured.Enqueue));
        meters.Start();
        using var ended = new RecordedSpans("AgentStream.Worker", McpSource, "AgentStream.Tests.Mcp");
        using var source = new ActivitySource("AgentStream.Tests.Mcp");
        await using var home = new McpHome(("sample", McpHome.Sample()));
        await home.StartAsync();
        var client = new PlannedChatClient([ToolCallText.CreateCall("c1", "sample_reverse", """{"text":"hello"}""")], ["done"]);
        var harness = new LoopHarness(client, await home.ToolAsync("sample_reverse"));

        using (var root = source.StartActivity("test"))
        {
            await harness.RunAsync().WaitAsync(TestTimeouts.Default);
            var mine = ended.Where(activity => activity.TraceId == root!.TraceId).ToList();
            var tool = Assert.Single(mine, activity => activity.DisplayName == "execute_tool sample_reverse");
            Assert.Equal("extension", tool.GetTagItem("gen_ai.tool.type"));
            var call = Assert.Single(mine, activity => activity.Source.Name == McpSource && activity.Kind == ActivityKind.Client);
            Assert.Equal(tool.SpanId, call.ParentSpanId);
            Assert.Contains(measured, tag => Equals(tag.Value, "tools/call"));
            Assert.All(measured, tag => Assert.False(TraceAssert.LooksLikeAnId(tag.Value?.ToString() ?? ""), $"{tag.Key} is {tag.Value}"));
            Assert.All(
                mine,
                activity => Assert.DoesNotContain(
                    activity.TagObjects, tag => tag.Value?.ToString()?.Contains("hello", StringComparison.Ordinal) == true));
        }
    }
}
