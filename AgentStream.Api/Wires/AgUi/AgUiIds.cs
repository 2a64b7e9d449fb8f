using System.Security.Cryptography;
using System.Text;
using AgentStream.Messaging;
using AgentStream.Messaging.Transcript;

namespace AgentStream.Api.Wires.AgUi;

/// <summary>
/// The id under which a message of an AG-UI client is kept: the client's id of the message and of the run that it asked for,
/// so that the same run asked for again is found again, on any server and after any restart, and another one of the same message is not.
/// </summary>
internal static class AgUiIds
{
    private const char Between = '~';

    public static MessageId Of(string messageId, string runId)
        => !messageId.Contains(Between, StringComparison.Ordinal) && MessageId.TryParse($"{messageId}{Between}{runId}", out var both)
            ? both
            : MessageId.Parse(Hash($"{messageId}\n{runId}"));

    /// <summary>The id that the client has for a message.</summary>
    public static string ClientIdOf(TranscriptMessage message)
    {
        var text = message.MessageId.Value;
        var end = text.IndexOf(Between, StringComparison.Ordinal);
        return end > 0 ? text[..end] : text;
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));
}
