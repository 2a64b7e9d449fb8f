using AgentStream.Messaging.Protocol;

namespace AgentStream.Worker.Models.Pricing;

/// <summary>What a million tokens of a model cost, in the currency of the operator's choice.</summary>
/// <param name="Input">Those that it reads.</param>
/// <param name="Output">Those that it writes, thoughts included.</param>
/// <param name="Cached">Those of the input that its provider had kept; <c>null</c>: as much as all others.</param>
internal sealed record ModelPrice(decimal Input, decimal Output, decimal? Cached)
{
    private const decimal Million = 1_000_000;

    /// <summary>What a reply has cost.</summary>
    public decimal Of(TokenUsage usage)
    {
        var cached = Math.Clamp(usage.CachedTokens ?? 0, 0, usage.InputTokens);
        return (((usage.InputTokens - cached) * Input) + (cached * (Cached ?? Input)) + (usage.OutputTokens * Output)) / Million;
    }
}
