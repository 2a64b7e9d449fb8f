using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Api.Wires.Runs;

/// <summary>An event of the run that a client of a wire follows.</summary>
/// <param name="Position">Where a reader stands that has it: the cursor to come back with.</param>
/// <param name="Timestamp">When the store took it, or when it was last heard of where a snapshot stands in for the log.</param>
/// <param name="Event">What it says.</param>
/// <param name="IsRetold">Whether a snapshot told it: what it says may have come in other pieces, at other times.</param>
internal readonly record struct RunEvent(Cursor Position, DateTimeOffset Timestamp, SessionEvent Event, bool IsRetold = false);
