using AgentStream.Tests.Observability.Collector;
using AgentStream.Tests.Support.Categories;

namespace AgentStream.Tests.Observability;

/// <summary>Runs in which one agent works for another, and runs that fail, as they come over the wire.</summary>
[SystemTest]
public sealed class DelegationTraceTests
{
    [Fact]
    public async Task Runs_DelegatedAndFailed_AreConnectedAndCountedOnceAndSayNothing()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var plan = await TracedPlan.StartAsync(collector);

        var delegated = await plan.AskAsync("one-that-delegates", TracedPlan.Question, "\"agent_name\":\"chief\"");
        var failed = await plan.AskAsync("one-that-breaks", TracedPlan.Broken, "\"agent_name\":\"assistant\"");
        var refused = await plan.AskAsync(
            "one-without-key", TracedPlan.Broken, "\"agent_name\":\"assistant\",\"model\":\"anthropic/none\"");
        var mistaken = await plan.AskAsync("one-that-miscalculates", TracedPlan.Mistake, "\"agent_name\":\"assistant\"");
        await plan.StopAsync();

        Assert.Equal(["completed", "failed", "failed", "completed"], [delegated.Status, failed.Status, refused.Status, mistaken.Status]);
        TraceAssert.AssertConventions(TraceAssert.Of(collector, delegated.TraceId));
        AssertMistake(TraceAssert.Of(collector, mistaken.TraceId), collector);
        AssertDelegation(TraceAssert.Of(collector, delegated.TraceId));
        AssertFailure(TraceAssert.Of(collector, failed.TraceId));
        AssertRefusal(TraceAssert.Of(collector, refused.TraceId));
        AssertTokens(collector);
        TraceAssert.AssertBounded(collector);
        TraceAssert.AssertNoContent(
            collector, [plan.Service.Process.Output], TracedPlan.Question, TracedPlan.Note, TracedPlan.Thought, TracedPlan.Answer,
            TracedPlan.Broken, TracedPlan.Mistake);
    }

    private static void AssertDelegation(IReadOnlyList<ReceivedSpan> spans)
    {
        var chief = spans.One("invoke_agent chief");
        var calls = spans.All("execute_tool delegate");
        var call = Assert.Single(calls);
        var assistant = spans.One("invoke_agent assistant");
        var note = spans.One("execute_tool save_note");
        Assert.Equal(
            [spans.One("process agentstream.runs").SpanId, chief.SpanId, call.SpanId, assistant.SpanId],
            [chief.ParentId, call.ParentId, assistant.ParentId, note.ParentId]);
        Assert.Equal(
            [(assistant.SpanId, 2), (chief.SpanId, 3)],
            spans.All("chat scripted").CountBy(chat => chat.ParentId).Select(one => (one.Key, one.Value)).OrderBy(one => one.Value));
        spans.AssertConnected(spans.One("chat received").ParentId);

        Assert.All([chief, call, assistant, note], span => Assert.Equal((ReceivedSpan.Internal, 0), (span.Kind, span.Status)));
        call.AssertAttributes(
            ("gen_ai.operation.name", "execute_tool"), ("gen_ai.tool.name", "delegate"), ("gen_ai.tool.type", "function"),
            ("gen_ai.tool.call.id", null));

        // The assistant has no model of its own: it uses that of the chief, and says so.
        assistant.AssertAttributes(
            ("gen_ai.operation.name", "invoke_agent"), ("gen_ai.agent.name", "assistant"), ("gen_ai.provider.name", "scripted"),
            ("gen_ai.request.model", "scripted"),
            ("gen_ai.conversation.id", "one-that-delegates"), ("agentstream.run.id", chief.Attributes["agentstream.run.id"]),
            ("agentstream.run.status", "completed"),
            ("agentstream.run.iterations", "2"), ("gen_ai.usage.input_tokens", "16"), ("gen_ai.usage.output_tokens", "5"));

        // The run's own figures have those of its parts in them.
        chief.AssertAttributes(
            ("agentstream.run.iterations", "3"), ("gen_ai.usage.input_tokens", "66"), ("gen_ai.usage.output_tokens", "15"));
    }

    private static void AssertFailure(IReadOnlyList<ReceivedSpan> spans)
    {
        spans.One("chat scripted").AssertFailed("model_auth");
        var agent = spans.One("invoke_agent assistant");
        agent.AssertFailed("model_auth");
        agent.AssertAttributes(("agentstream.run.status", "failed"));
        spans.AssertConnected(spans.One("chat received").ParentId);
    }

    /// <summary>A tool that fails fails its own span, not the run.</summary>
    private static void AssertMistake(IReadOnlyList<ReceivedSpan> spans, OtlpCollector collector)
    {
        spans.One("execute_tool calculator").AssertFailed("tool_error");
        Assert.Equal(0, spans.One("invoke_agent assistant").Status);
        Assert.Contains(
            collector.Metrics.Where(metric => metric.Name == "agentstream.tool.call.duration").SelectMany(metric => metric.Points),
            point => point["gen_ai.tool.name"] == "calculator" && point.GetValueOrDefault("error.type") == "tool_error");
    }

    /// <summary>There is no key for the model that was asked for: the run ended before it began.</summary>
    private static void AssertRefusal(IReadOnlyList<ReceivedSpan> spans)
    {
        var agent = spans.One("invoke_agent assistant");
        agent.AssertFailed("model_auth");
        agent.AssertAttributes(("agentstream.run.status", "failed"), ("agentstream.run.iterations", "0"));
        Assert.DoesNotContain(spans, span => span.Name.StartsWith("chat ", StringComparison.Ordinal) && span.Name != "chat received");
        spans.AssertConnected(spans.One("chat received").ParentId);
    }

    /// <summary>What an agent uses that works for another is counted where the model gave it, and nowhere else.</summary>
    private static void AssertTokens(OtlpCollector collector)
    {
        double Tokens(string type)
            => TraceAssert.Total(collector, "gen_ai.client.token.usage", point => point["gen_ai.token.type"] == type);
        Assert.Equal((66, 15), (Tokens("input"), Tokens("output")));
        Assert.Equal(2, TraceAssert.Total(collector, "agentstream.runs.finished", point => point["agentstream.run.status"] == "failed"));
        Assert.Equal(2, TraceAssert.Total(collector, "agentstream.runs.finished", point => point["agentstream.run.status"] == "completed"));
    }
}
