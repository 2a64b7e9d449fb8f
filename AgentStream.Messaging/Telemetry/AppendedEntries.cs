using AgentStream.Messaging.Protocol;

namespace AgentStream.Messaging.Telemetry;

/// <summary>Counts what was appended, once for each type in a write.</summary>
internal static class AppendedEntries
{
    public static void Count(IReadOnlyList<SessionEvent> events)
    {
        if (!MessagingTelemetry.Entries.Enabled)
        {
            return;
        }

        // Nearly every write is of one type.
        for (var first = 0; first < events.Count;)
        {
            var end = first + 1;
            while (end < events.Count && events[end].Type == events[first].Type)
            {
                end++;
            }

            MessagingTelemetry.Entries.Add(end - first, new KeyValuePair<string, object?>("agentstream.entry.type", events[first].Type));
            first = end;
        }
    }
}
