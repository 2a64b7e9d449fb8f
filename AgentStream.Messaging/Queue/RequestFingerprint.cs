using System.Security.Cryptography;
using System.Text.Json;
using AgentStream.Messaging.Json;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Messaging.Queue;

/// <summary>Tells whether two messages with one id are the same message.</summary>
internal static class RequestFingerprint
{
    private static readonly RunId NoRun = RunId.Parse("none");

    /// <summary>
    /// Of what the client asks for; not of what differs each time it is sent (the run, the trace), nor of how it is to be queued.
    /// </summary>
    public static string Of(RunRequest request)
    {
        var content = request with
        {
            RunId = NoRun,
            Owner = PrincipalId.Anonymous,
            Traceparent = null,
            Tracestate = null,
            QueuedAt = null,
            OnBusy = OnBusy.Enqueue,
            SteersRunId = null,
        };
        var bytes = JsonSerializer.SerializeToUtf8Bytes(content, MessagingJson.Wire.RunRequest);
        return Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 16));
    }
}
