using System.Collections.Concurrent;
using System.Diagnostics;
using AgentStream.Tests.Support;
using AgentStream.Tests.Worker.Running;
using AgentStream.Tests.Worker.Tools.Mcp;
using AgentStream.Worker.Tools;

namespace AgentStream.Tests.Observability;

/// <summary>What the official SDK says of a call to a real server lies beneath the tool call that made it.</summary>
public sealed class McpTraceTests
{
    [Fact]
    public async Task Call_OfAServersTool_HasTheClientsSpanBeneathTheToolCall()
    {
        ConcurrentQueue<Activity> ended = [];
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "AgentStream.Worker" or "Experimental.ModelContextProtocol" or "AgentStream.Tests.Mcp",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = ended.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
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
            var call = Assert.Single(mine, activity => activity.Source.Name == "Experimental.ModelContextProtocol" && activity.Kind == ActivityKind.Client);
            Assert.Equal(tool.SpanId, call.ParentSpanId);
            Assert.All(mine, activity => Assert.DoesNotContain(activity.TagObjects, tag => tag.Value?.ToString()?.Contains("hello", StringComparison.Ordinal) == true));
        }
    }
}
