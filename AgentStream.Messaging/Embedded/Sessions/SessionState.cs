using AgentStream.Messaging.Session;

namespace AgentStream.Messaging.Embedded.Sessions;

/// <summary>A session in memory: who may write (ahead by what is on its way to disk) and what readers see (what is on disk).</summary>
internal sealed class SessionState(SessionBase session, int conversationBytes)
{
    public SessionLedger Ledger { get; } = new(session, conversationBytes);

    public LogView View { get; } = new(session);

    /// <summary>Takes in a record that is on disk already.</summary>
    public void Replay(SessionRecord record)
    {
        Ledger.Apply(record);
        View.Apply(record);
    }

    public SessionBase ToBase() => Ledger.ToBase(View.ToBase());
}
