using System.Text.Json;
using AgentStream.Messaging.Log;

namespace AgentStream.Messaging.Redis.Reading;

/// <summary>
/// One session has something that this version can't read, most likely because a newer one wrote it.
/// Redis is well, and so are all other sessions.
/// </summary>
internal sealed class SessionUnreadableException(SessionId sessionId, Exception innerException)
    : StoreUnavailableException($"Session {sessionId} has something that this version can't read.", innerException)
{
    /// <summary>Whether an exception says that stored bytes are not what was expected.</summary>
    public static bool IsMeant(Exception exception) => exception is JsonException or InvalidDataException or FormatException;
}
