namespace AgentStream.Tests.Observability;

/// <summary>What must be true of the trace of one run.</summary>
internal static class TraceAssert
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

    public static IReadOnlyList<ReceivedSpan> All(this IReadOnlyList<ReceivedSpan> spans, string name) => [.. spans.Where(span => span.Name == name)];

    /// <summary>Every parent is a span of this trace, but for those of attempts that were killed before they could end them.</summary>
    public static void AssertConnected(this IReadOnlyList<ReceivedSpan> spans, params string[] lost)
    {
        var known = spans.Select(span => span.SpanId).Concat(lost).ToHashSet();

        // What a killed attempt had finished was exported; the agent's span above it never ended.
        var unknown = spans.Where(span => span.ParentId.Length > 0 && !known.Contains(span.ParentId)).Select(span => span.ParentId).Distinct().ToList();
        Assert.True(unknown.Count <= lost.Length, $"Some hang on nothing that was exported:\n{Describe(spans.Where(span => unknown.Contains(span.ParentId)))}");
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

    /// <summary>Nothing that a person or a model said, and no key, is anywhere in what was exported or written.</summary>
    public static void AssertNoContent(OtlpCollector collector, IEnumerable<string> outputs, params string[] said)
        => Assert.All(said, word =>
        {
            Assert.DoesNotContain(collector.Bodies, body => body.Contains(word, StringComparison.OrdinalIgnoreCase));
            Assert.All(outputs, output => Assert.DoesNotContain(output.Split('\n'), line => line.Contains(word, StringComparison.OrdinalIgnoreCase)));
        });
}
