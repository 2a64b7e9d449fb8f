namespace AgentStream.Worker.Models.Wire.Refusals;

/// <summary>The meaning of a server's refusal.</summary>
/// <param name="Kind">What it is about.</param>
internal sealed record Refusal(RefusalKind Kind)
{
    /// <summary>The time for which the server asks to be left alone; null: it does not say.</summary>
    public TimeSpan? Wait { get; init; }

    /// <summary>The limit is one of the minute, or of the second.</summary>
    public bool IsOfTheMinute { get; init; }

    /// <summary>The tools that it is about, where it is nothing else that is known; null: none.</summary>
    public ToolMention? Tools { get; init; }

    /// <summary>The tokens that it speaks of, where it is about length.</summary>
    public TokenCounts? Tokens { get; init; }
}
