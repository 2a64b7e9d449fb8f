using System.Text.Json;
using AgentStream.Messaging.Json;
using AgentStream.Messaging.Transcript;

namespace AgentStream.Tests.Messaging.Contract;

/// <summary>Snapshots as the text that clients get, for comparing.</summary>
internal static class LogJson
{
    public static string Of(SnapshotData data) => JsonSerializer.Serialize(data, MessagingJson.Wire.SnapshotData);
}
