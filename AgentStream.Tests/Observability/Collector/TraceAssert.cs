using System.Text.RegularExpressions;

namespace AgentStream.Tests.Observability.Collector;

/// <summary>What must be true of the trace of one run.</summary>
internal static partial class TraceAssert
{
    /// <summary>The spans of a trace.</summary>
    public static IReadOnlyList<ReceivedSpan> Of(OtlpCollector collector, string traceId)
        => [.. collector.Spans.Where(span => span.TraceId == traceId)];

    public static ReceivedSpan One(this IReadOnlyList<ReceivedSpan> spans, string name)
    {
        var found = spans.All(name);
        Assert.True(found.Count == 1, $"{found.Count} spans are called {name}. There are:\n{Describe(spans)}");
        return found[0];
    }

    public static IReadOnlyList<ReceivedSpan> All(this IReadOnlyList<ReceivedSpan> spans, string name)
        => [.. spans.Where(span => span.Name == name)];

    /// <summary>Every parent is a span of this trace, but for those of attempts that were killed before they could end them.</summary>
    public static void AssertConnected(this IReadOnlyList<ReceivedSpan> spans, params string[] lost)
    {
        var known = spans.Select(span => span.SpanId).Concat(lost).ToHashSet();

        // What a killed attempt had finished was exported; the agent's span above it never ended.
        var unknown = spans.Where(span => span.ParentId.Length > 0 && !known.Contains(span.ParentId))
            .Select(span => span.ParentId)
            .Distinct()
            .ToList();
        Assert.True(
            unknown.Count <= lost.Length,
            $"Some hang on nothing that was exported:\n{Describe(spans.Where(span => unknown.Contains(span.ParentId)))}");
        Assert.Equal(spans.Count, spans.DistinctBy(span => span.SpanId).Count());
    }

    private static string Describe(IEnumerable<ReceivedSpan> spans)
        => string.Join('\n', spans.Select(span => $"{span.Service}: {span.Name} {span.SpanId} under {span.ParentId}"));

    public static void AssertAttributes(this ReceivedSpan span, params (string Name, string? Value)[] attributes)
        => Assert.All(attributes, attribute =>
        {
            Assert.True(span.Attributes.TryGetValue(attribute.Name, out var value), $"{span.Name} has no {attribute.Name}");
            if (attribute.Value is not null)
            {
                Assert.Equal(attribute.Value, value);
            }
        });

    /// <summary>
    /// What the conventions require of each span of ours, and what they require where it is known;
    /// and that nothing but spans of ours is called as they are.
    /// </summary>
    public static void AssertConventions(IReadOnlyList<ReceivedSpan> spans)
    {
        foreach (var span in spans.Where(span => span.Scope.StartsWith("AgentStream", StringComparison.Ordinal)))
        {
            var (kind, required) = Required(span);
            Assert.True(span.Kind == kind, $"{span.Name} is of kind {span.Kind}");
            span.AssertAttributes([.. required.Select(name => (name, (string?)null))]);

            // error.type if and only if it failed.
            Assert.Equal(span.Status == ReceivedSpan.Error, span.Attributes.ContainsKey("error.type"));
        }
    }

    private static (int Kind, string[] Attributes) Required(ReceivedSpan span)
    {
        string[] server = span.Attributes.GetValueOrDefault("messaging.system") == "redis" ? ["server.address", "server.port"] : [];
        string[] messaging = [
            "messaging.operation.name", "messaging.operation.type", "messaging.system", "messaging.destination.name",
            "messaging.message.id", "messaging.message.conversation_id", .. server];
        return span.Name.Split(' ') switch
        {
            ["chat", "received"] => (ReceivedSpan.Server, ["gen_ai.conversation.id"]),
            ["send", _] => (ReceivedSpan.Producer, messaging),
            ["process", "agentstream.runs"] =>
                (ReceivedSpan.Consumer, [.. messaging, "messaging.consumer.group.name", "agentstream.run.attempt"]),
            ["process", _] => (ReceivedSpan.Consumer, messaging),
            ["invoke_agent", var agent] when agent == span.Attributes["gen_ai.agent.name"] => (
                ReceivedSpan.Internal,
                [
                    "gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.agent.description", "gen_ai.conversation.id",
                    "gen_ai.request.model", "agentstream.run.id", "agentstream.run.status",
                ]),
            ["chat", var model] when model == span.Attributes["gen_ai.request.model"] => (
                ReceivedSpan.Client,
                [
                    "gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.conversation.id", "gen_ai.request.stream",
                    "gen_ai.response.model", "gen_ai.response.finish_reasons",
                    "gen_ai.response.time_to_first_chunk", "gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens",
                ]),
            ["execute_tool", var tool] when tool == span.Attributes["gen_ai.tool.name"] => (
                ReceivedSpan.Internal, ["gen_ai.operation.name", "gen_ai.tool.type", "gen_ai.tool.call.id", "gen_ai.tool.description"]),
            _ => throw new InvalidDataException($"Nothing is known of spans called {span.Name}"),
        };
    }

    /// <summary>The span failed, and says why by a code alone: no text of an exception, nothing that was said.</summary>
    public static void AssertFailed(this ReceivedSpan span, string errorType)
    {
        Assert.Equal(
            (ReceivedSpan.Error, "", errorType), (span.Status, span.StatusMessage, span.Attributes.GetValueOrDefault("error.type")));
        Assert.Empty(span.Events);
    }

    /// <summary>
    /// No attribute of any metric, ours or not, holds an id: neither one that this test knows of, nor one that was found in spans,
    /// nor anything that looks like one. What the page says of a metric's attributes is all that it has.
    /// </summary>
    public static void AssertBounded(OtlpCollector collector, params string[] ids)
    {
        HashSet<string> known = [
            .. ids,
            .. collector.Spans.SelectMany(span => (string[])[span.TraceId, span.SpanId]),
            .. collector.Spans.SelectMany(
                span => IdAttributes.Select(name => span.Attributes.GetValueOrDefault(name, "")).Where(id => id.Length > 0))];
        Assert.NotEmpty(known.Except(ids));
        var values = collector.Metrics.SelectMany(
            metric => metric.Points.SelectMany(point => point.Values.Select(value => (metric.Name, Value: value)))).ToHashSet();
        Assert.All(values, one => Assert.False(
            LooksLikeAnId(one.Value) || known.Any(id => one.Value.Contains(id, StringComparison.Ordinal)),
            $"{one.Name} has an id in an attribute: {one.Value}"));
        Assert.All(
            collector.Metrics.Where(metric => ObservabilityPage.Attributes.ContainsKey(metric.Name)),
            metric => Assert.Empty(metric.Points.SelectMany(point => point.Keys).Except(ObservabilityPage.Attributes[metric.Name])));
    }

    private static readonly string[] IdAttributes =
        [
            "gen_ai.conversation.id", "agentstream.run.id", "messaging.message.id", "gen_ai.tool.call.id", "gen_ai.response.id",
            "mcp.session.id",
        ];

    /// <summary>A GUID with or without hyphens, a trace or span id, a ULID.</summary>
    public static bool LooksLikeAnId(string value) => AnyId().IsMatch(value);

    [GeneratedRegex("[0-9a-f]{16}|[0-9a-f]{8}-[0-9a-f]{4}-|[0-9A-HJKMNP-TV-Z]{26}", RegexOptions.IgnoreCase)]
    private static partial Regex AnyId();

    /// <summary>What a counter or a histogram of one process has come to, over all series that fit.</summary>
    public static double Total(OtlpCollector collector, string metric, Func<IReadOnlyDictionary<string, string>, bool> fits)
    {
        // Exports are cumulative: each has all that was before.
        var last = collector.Metrics.Last(one => one.Name == metric);
        return last.Points.Zip(last.Values).Where(point => fits(point.First)).Sum(point => point.Second);
    }

    /// <summary>Nothing that a person or a model said, and no key, is anywhere in what was exported or written.</summary>
    public static void AssertNoContent(OtlpCollector collector, IEnumerable<string> outputs, params string[] said)
        => Assert.All(said, word =>
        {
            // A few digits stand in an id by chance, between others.
            var text = Regex.Escape(word);
            var pattern = new Regex(
                word.All(char.IsAsciiDigit) ? $"(?<![0-9a-f-]){text}(?![0-9a-f-])" : text, RegexOptions.IgnoreCase);
            Assert.DoesNotContain(collector.Bodies, pattern.IsMatch);
            Assert.All(outputs, output => Assert.DoesNotContain(output.Split('\n'), pattern.IsMatch));
        });
}
