using AgentStream.Worker.Models;

namespace AgentStream.Worker.Running.Context;

/// <summary>A model has refused a prompt as too long, whatever it was taken to take in.</summary>
/// <param name="Tokens">What the prompt takes, as the server counts; null: it does not say.</param>
/// <param name="Limit">What it takes in; null: it does not say.</param>
internal sealed record PromptRefusal(long? Tokens, long? Limit)
{
    private const int MaxReplyTokens = 4_096;

    /// <summary>The refusal in what was thrown.</summary>
    /// <param name="failure">What was thrown.</param>
    /// <param name="reply">What was asked for as a reply.</param>
    public static PromptRefusal Of(Exception? failure, int? reply) =>
        (failure as ModelException)?.Refusal?.Tokens is { } tokens
            ? new PromptRefusal(tokens.PromptBeside(reply), tokens.Limit)
            : new PromptRefusal(null, null);

    /// <summary>The size that may stay of a prompt that we take for so many tokens: what the server says, or else half.</summary>
    public long WindowOf(long estimated)
    {
        if (Limit is not { } limit)
        {
            return estimated / 2;
        }

        var room = Math.Max(1, limit - Math.Min(MaxReplyTokens, limit / 4));
        // Servers count otherwise than we do: theirs is the measure, where they give one.
        return Tokens > room ? (long)(estimated * 0.95 * room / Tokens.Value) : Math.Min(estimated / 2, room);
    }
}
