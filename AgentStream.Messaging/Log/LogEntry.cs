using AgentStream.Messaging.Protocol;

namespace AgentStream.Messaging.Log;

/// <summary>One entry of a session's log.</summary>
/// <param name="Offset">Its position.</param>
/// <param name="RunId">The run that it speaks of.</param>
/// <param name="Timestamp">When the store took it.</param>
/// <param name="Event">What it says.</param>
/// <param name="Frame">The very bytes that each client gets; made once, shared by all readers, never changed.</param>
internal sealed record LogEntry(Offset Offset, RunId RunId, DateTimeOffset Timestamp, SessionEvent Event, ReadOnlyMemory<byte> Frame);
