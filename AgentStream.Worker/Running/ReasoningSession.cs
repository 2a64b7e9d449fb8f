using AgentStream.Messaging;
using AgentStream.Messaging.Queue;

namespace AgentStream.Worker.Running;

/// <summary>A conversation held by whoever calls <see cref="ReasoningAgent"/>; the services hold theirs in the log instead.</summary>
/// <param name="id">Its name.</param>
internal sealed class ReasoningSession(SessionId id)
{
    private readonly List<ConversationTurn> _turns = [];

    public ReasoningSession()
        : this(SessionId.New())
    {
    }

    public SessionId Id { get; } = id;

    public IReadOnlyList<ConversationTurn> Turns => _turns;

    public void Add(ConversationTurn turn) => _turns.Add(turn with { Seq = new Offset(_turns.Count + 1) });
}
