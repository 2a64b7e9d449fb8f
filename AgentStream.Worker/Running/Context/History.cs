using AgentStream.Messaging;
using AgentStream.Worker.Models;
using AgentStream.Worker.Running.Checkpoints;
using AgentStream.Worker.Running.ReAct;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Running.Context;

/// <summary>
/// The part of the conversation in a prompt: the turns as they were, with shortened tool results, as a summary, or not at all.
/// </summary>
/// <remarks>
/// What was decided in an earlier run holds on: it is among that run's records,
/// and leaves the conversation together with it when a person replaces that turn.
/// So nothing is summarised twice, and the beginning of the prompt stays the same from run to run, which providers' caches like.
/// </remarks>
internal sealed class History
{
    private readonly HashSet<RunId> _shortened;

    private History(IReadOnlyList<HistoryTurn> turns, HistoryCondensed condensed)
    {
        Condensed = condensed;
        _shortened = [.. condensed.Shortened];
        HashSet<RunId> forgotten = [.. condensed.Forgotten];
        Turns = [.. turns.Where(turn => !forgotten.Contains(turn.RunId))];
    }

    /// <summary>The last decision.</summary>
    public HistoryCondensed Condensed { get; }

    /// <summary>Turns that stand in the prompt, oldest first.</summary>
    public IReadOnlyList<HistoryTurn> Turns { get; }

    public static History Of(IReadOnlyList<HistoryTurn> conversation, RunState state)
        => new(conversation, state.Condensed ?? Earlier(conversation) ?? new HistoryCondensed());

    /// <summary>The messages before the run's own. What a client supplied stands in the place of what the session remembers.</summary>
    public static IEnumerable<ChatMessage> MessagesOf(RunDescription run, RunState state) => run.Request.History is { } supplied
        ? SuppliedHistory.Messages(supplied, Math.Min(run.Agent.Limits.HistoryTokens, state.Condensed?.SuppliedTokens ?? long.MaxValue))
        : Of(run.Turns, state).Messages();

    public bool IsShortened(HistoryTurn turn) => _shortened.Contains(turn.RunId);

    /// <summary>Tokens that it takes in the prompt, estimated.</summary>
    public long Tokens => UsageEstimator.CountTokens(Condensed.Summary) + Turns.Sum(TokensOf);

    /// <summary>Tokens that the turn takes in the prompt, estimated.</summary>
    public long TokensOf(HistoryTurn turn) => IsShortened(turn) ? turn.ShortTokens : turn.WholeTokens;

    public IEnumerable<ChatMessage> Messages()
    {
        if (Condensed.Summary.Length > 0)
        {
            yield return new ChatMessage(ChatRole.User, $"[A summary of the conversation before, made to save space]\n{Condensed.Summary}");
        }

        foreach (var message in Turns.SelectMany(turn => IsShortened(turn) ? turn.Short : turn.Whole))
        {
            yield return message;
        }
    }

    /// <summary>The newest decision that still speaks of this conversation.</summary>
    private static HistoryCondensed? Earlier(IReadOnlyList<HistoryTurn> conversation)
    {
        HashSet<RunId> known = [.. conversation.Select(turn => turn.RunId)];
        for (var i = conversation.Count - 1; i >= 0; i--)
        {
            // A turn that is missing and was asked for before this one was dropped by the store for its size:
            // had a person replaced it, this one were gone as well.
            // One that was asked for later (it interrupted) may have been replaced: then what it said must not live on here.
            var carrier = conversation[i];
            if (carrier.State.Condensed is { } condensed
                && condensed.ForgottenPlaces().All(
                    forgotten => known.Contains(forgotten.RunId) || (forgotten.Place > Offset.Start && forgotten.Place < carrier.Place)))
            {
                return condensed with { ShortenedReplies = 0, SuppliedTokens = null, Usage = null };
            }
        }

        return null;
    }
}
