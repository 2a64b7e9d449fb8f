using AgentStream.Messaging;
using AgentStream.Messaging.Queue;
using AgentStream.Worker.Models;
using AgentStream.Worker.Running.Attachments;
using AgentStream.Worker.Running.Checkpoints;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Running.Context;

/// <summary>
/// An earlier turn as messages.
/// What it records is read once, when it is first asked for: a prompt is made for each reply, of the same turns.
/// </summary>
/// <remarks>For one thread at a time.</remarks>
internal sealed class HistoryTurn(ConversationTurn turn, AttachedContents? attached = null)
{
    private long? _wholeTokens;
    private long? _shortTokens;

    public RunId RunId => turn.RunId;

    /// <summary>The place of its message in the log: which of two turns was asked for first.</summary>
    public Offset Place => turn.Seq;

    /// <summary>The records of its run.</summary>
    public RunState State => field ??= RunState.From(turn.Checkpoints);

    public IReadOnlyList<ChatMessage> Whole => field ??= PromptBuilder.Turn(Asked(shorten: false), State, shorten: false);

    /// <summary>The same with shortened tool results, and files that are only named.</summary>
    public IReadOnlyList<ChatMessage> Short => field ??= PromptBuilder.Turn(Asked(shorten: true), State, shorten: true);

    /// <summary>Tokens of <see cref="Whole"/>, estimated.</summary>
    public long WholeTokens => _wholeTokens ??= Whole.Sum(UsageEstimator.CountTokens);

    /// <summary>Tokens of <see cref="Short"/>, estimated.</summary>
    public long ShortTokens => _shortTokens ??= Short.Sum(UsageEstimator.CountTokens);

    private ChatMessage Asked(bool shorten) => (attached ?? AttachedContents.None).Message(turn.Message, turn.Attachments, shorten);
}
