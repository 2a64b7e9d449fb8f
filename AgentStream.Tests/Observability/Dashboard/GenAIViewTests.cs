using AgentStream.Tests.Observability.Collector;
using AgentStream.Tests.Support.Categories;

namespace AgentStream.Tests.Observability.Dashboard;

/// <summary>
/// With content captured, spans hold what a GenAI view needs to show the conversation, in exactly the shapes of the conventions.
/// </summary>
[SystemTest]
public sealed class GenAIViewTests
{
    [Fact]
    public async Task Run_CapturingContent_CanBeReadInAGenAIView()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var plan = await TracedPlan.StartAsync(collector, ("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "true"));

        var delegated = await plan.AskAsync("shown", TracedPlan.Question, "\"agent_name\":\"chief\"");
        var failed = await plan.AskAsync("failed", TracedPlan.Broken, "\"agent_name\":\"assistant\"");
        await plan.StopAsync();

        var spans = TraceAssert.Of(collector, delegated.TraceId);
        AssertAgents(spans);
        AssertReplies(spans);
        AssertTools(spans);
        AssertTimeline(spans);
        var broken = TraceAssert.Of(collector, failed.TraceId).One("chat scripted");
        Assert.Equal([$"user: text({TracedPlan.Broken})"], GenAIView.Input(broken));
        Assert.Empty(GenAIView.Output(broken));
    }

    private static void AssertAgents(IReadOnlyList<ReceivedSpan> spans)
    {
        var chief = spans.One("invoke_agent chief");
        var assistant = spans.One("invoke_agent assistant");

        // The list of traces opens the view on the first span that it can show: that is the agent.
        Assert.Equal(chief, spans.Where(GenAIView.Shows).MinBy(span => span.StartNanoseconds));
        Assert.Equal(["text(Delegate.)"], GenAIView.Instructions(chief));
        Assert.Equal([$"user: text({TracedPlan.Question})"], GenAIView.Input(chief));
        Assert.Equal([$"assistant: text({TracedPlan.Answer}) stop"], GenAIView.Output(chief));
        Assert.Equal(["user: text(keep it)"], GenAIView.Input(assistant));
        Assert.Equal(["assistant: text(It is kept.) stop"], GenAIView.Output(assistant));
    }

    private static void AssertReplies(IReadOnlyList<ReceivedSpan> spans)
    {
        var assistant = spans.One("invoke_agent assistant");
        var replies = spans.All("chat scripted").OrderBy(chat => chat.StartNanoseconds).ToList();
        Assert.All(replies, reply =>
        {
            Assert.True(GenAIView.Shows(reply));
            Assert.Single(GenAIView.Instructions(reply));
            Assert.Contains("scripted", reply.Attributes["gen_ai.response.model"], StringComparison.Ordinal);
            Assert.True(int.Parse(reply.Attributes["gen_ai.usage.input_tokens"], System.Globalization.CultureInfo.InvariantCulture) > 0);
            Assert.True(int.Parse(reply.Attributes["gen_ai.usage.output_tokens"], System.Globalization.CultureInfo.InvariantCulture) > 0);
        });
        var others = replies.Where(reply => reply.ParentId == assistant.SpanId).ToList();
        var own = replies.Except(others).ToList();

        const string Delegation = """tool_call(delegate {"agent":"assistant","task":"keep it"})""";
        Assert.Equal(["delegate"], GenAIView.Tools(own[0]));
        Assert.Equal([$"assistant: {Delegation} tool_call"], GenAIView.Output(own[0]));
        var input = GenAIView.Input(own[1]);
        Assert.Equal([$"user: text({TracedPlan.Question})", $"assistant: {Delegation}"], input.Take(2));

        // As the model reads it: marked as text that is not to be trusted.
        Assert.StartsWith("tool: tool_call_response(", Assert.Single(input.Skip(2)), StringComparison.Ordinal);
        Assert.Contains("It is kept.", input[2], StringComparison.Ordinal);

        // What is no JSON is told as it is.
        Assert.Equal(["""assistant: tool_call(delegate "{ no JSON") tool_call"""], GenAIView.Output(own[1]));
        Assert.Equal([$"assistant: text({TracedPlan.Answer}) stop"], GenAIView.Output(own[2]));

        var note = $$"""tool_call(save_note {"text":"{{TracedPlan.Note}}"})""";
        Assert.Contains("save_note", GenAIView.Tools(others[0]));
        Assert.Equal([$"assistant: reasoning({TracedPlan.Thought}) {note} tool_call"], GenAIView.Output(others[0]));
        Assert.Contains(
            GenAIView.Input(others[1]),
            message => message.StartsWith("assistant: ", StringComparison.Ordinal) && message.Contains(note, StringComparison.Ordinal));
        Assert.Equal(["assistant: text(It is kept.) stop"], GenAIView.Output(others[1]));
    }

    private static void AssertTools(IReadOnlyList<ReceivedSpan> spans)
    {
        var note = spans.One("execute_tool save_note");
        Assert.Equal($$"""{"text":"{{TracedPlan.Note}}"}""", note.Attributes["gen_ai.tool.call.arguments"]);
        Assert.NotEmpty(note.Attributes["gen_ai.tool.call.result"]);
        Assert.Equal("It is kept.", spans.One("execute_tool delegate").Attributes["gen_ai.tool.call.result"]);
    }

    /// <summary>
    /// What the dashboard's timeline needs of spans: who they are of, and for messaging its summary line,
    /// which reads the name of earlier conventions.
    /// </summary>
    private static void AssertTimeline(IReadOnlyList<ReceivedSpan> spans)
    {
        Assert.All(spans, span => Assert.Equal("AgentStream.Standalone", span.Service));
        Assert.NotEmpty(Assert.Single(spans.Select(span => span.Instance).Distinct()));
        Assert.All(
            spans.Where(span => span.Kind is ReceivedSpan.Producer or ReceivedSpan.Consumer),
            span => Assert.Equal(
                span.Name, $"{span.Attributes["messaging.operation"]} {span.Attributes["messaging.destination.name"]}"));
    }
}
