using AgentStream.Messaging.Protocol;

namespace AgentStream.Messaging.Transcript;

/// <summary>Adds usages up: of replies to that of a run, of runs to that of a session.</summary>
internal static class UsageTotals
{
    /// <summary>
    /// Tokens and costs are sums; reasoning and cached ones, and costs, of those that gave them. Estimated if any is.
    /// The time to the first token is the mean, the pace that of all output together. No model: there may be several.
    /// <c>null</c> for nothing.
    /// </summary>
    public static TokenUsage? Of(IReadOnlyCollection<TokenUsage> usages)
    {
        if (usages.Count == 0)
        {
            return null;
        }

        var paced = usages.Where(usage => usage is { TokensPerSecond: > 0, OutputTokens: > 0 }).ToList();
        var seconds = paced.Sum(usage => usage.OutputTokens / usage.TokensPerSecond!.Value);
        var waits = usages.Select(usage => usage.TimeToFirstTokenMs).OfType<double>().ToList();
        return new TokenUsage
        {
            InputTokens = usages.Sum(usage => usage.InputTokens),
            OutputTokens = usages.Sum(usage => usage.OutputTokens),
            TotalTokens = usages.Sum(usage => usage.TotalTokens),
            ReasoningTokens = SumOrNull(usages.Select(usage => usage.ReasoningTokens)),
            CachedTokens = SumOrNull(usages.Select(usage => usage.CachedTokens)),
            Estimated = usages.Any(usage => usage.Estimated),
            TimeToFirstTokenMs = waits.Count > 0 ? Math.Round(waits.Average(), 1) : null,
            Cost = usages.Any(usage => usage.Cost is not null) ? usages.Sum(usage => usage.Cost ?? 0) : null,
            TokensPerSecond = seconds > 0 ? Math.Round(paced.Sum(usage => usage.OutputTokens) / seconds, 2) : null,
        };
    }

    private static long? SumOrNull(IEnumerable<long?> values)
    {
        var given = values.OfType<long>().ToList();
        return given.Count == 0 ? null : given.Sum();
    }
}
