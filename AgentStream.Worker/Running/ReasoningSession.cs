using AgentStream.Messaging;
using AgentStream.Messaging.Queue;

namespace AgentStream.Worker.Running;

/// <summary>A conversation held by whoever calls <see cref="ReasoningAgent"/>; the services hold theirs in the log instead.</summary>
/// <param name="id">Its name.</param>
public sealed class ReasoningSession(SessionId id)
{
    private readonly List<ConversationTurn> _turns = [];

    /// <summary>Makes an empty one with a random name.</summary>
    public ReasoningSession()
        : this(SessionId.New())
    {
    }

    /// <summary>Its name.</summary>
    public SessionId Id { get; } = id;

    /// <summary>What was said so far.</summary>
    public IReadOnlyList<ConversationTurn> Turns => _turns;

    internal void Add(ConversationTurn turn) => _turns.Add(turn with { Seq = new Offset(_turns.Count + 1) });
}
