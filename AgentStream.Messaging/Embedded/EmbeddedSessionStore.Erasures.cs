using AgentStream.Messaging.Log;
using Microsoft.Data.Sqlite;

namespace AgentStream.Messaging.Embedded;

/// <content>What was erased lately.</content>
internal sealed partial class EmbeddedSessionStore
{
    /// <inheritdoc />
    ValueTask<IReadOnlyDictionary<SessionId, DateTimeOffset>> IErasures.FindAsync(
        IReadOnlyList<SessionId> sessions, CancellationToken cancellationToken)
    {
        ThrowIfClosed();
        try
        {
            var erased = new Dictionary<SessionId, DateTimeOffset>();
            foreach (var sessionId in sessions)
            {
                if (_database!.ErasedAt(sessionId) is { } at)
                {
                    erased[sessionId] = at;
                }
            }

            return ValueTask.FromResult<IReadOnlyDictionary<SessionId, DateTimeOffset>>(erased);
        }
        catch (SqliteException exception)
        {
            throw new StoreUnavailableException("What was erased can't be looked for.", exception);
        }
    }
}
