using System.Globalization;
using Anthropic.Models.Messages;

namespace AgentStream.Worker.Models.AnthropicMessages;

/// <summary>Tells whether and how Claude thinks before it answers.</summary>
/// <param name="Kind">How.</param>
/// <param name="Budget">Tokens that it may think, where that is said at all.</param>
internal sealed record ThinkingMode(ThinkingKind Kind, int Budget = 0)
{
    public const int LeastBudget = 1024;
    public const int LargestBudget = 128_000;

    public static readonly ThinkingMode Off = new(ThinkingKind.Off);

    // For models from before "adaptive".
    private static readonly ThinkingMode Modest = new(ThinkingKind.Budget, 4096);

    /// <summary>The mode to try when the model refuses this.</summary>
    public ThinkingMode Less => Kind == ThinkingKind.Adaptive ? Modest : Off;

    public static bool TryParse(string? text, out ThinkingMode mode)
    {
        mode = text switch
        {
            "adaptive" => new ThinkingMode(ThinkingKind.Adaptive),
            "off" => Off,
            _ when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var budget)
                && budget is >= LeastBudget and <= LargestBudget
                => new ThinkingMode(ThinkingKind.Budget, budget),
            _ => Off,
        };
        return mode.Kind != ThinkingKind.Off || text == "off";
    }

    /// <summary>As the request says it; null: nothing of it. A budget has to fit into the tokens of the reply.</summary>
    public ThinkingConfigParam? For(int maxTokens) => Kind switch
    {
        // Which of the models show their thoughts unasked differs; this product is about them.
        ThinkingKind.Adaptive => new ThinkingConfigAdaptive { Display = Display.Summarized },
        ThinkingKind.Budget when maxTokens > LeastBudget => new ThinkingConfigEnabled(Math.Min(Budget, maxTokens - 1)),
        _ => null,
    };
}

/// <summary>The ways in which Claude can be asked to think.</summary>
internal enum ThinkingKind
{
    Off,

    /// <summary>A number of tokens.</summary>
    Budget,

    /// <summary>As much as the model finds right.</summary>
    Adaptive,
}
