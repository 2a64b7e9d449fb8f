using System.Text.Json;

namespace AgentStream.Messaging.Encryption;

/// <summary>
/// Something is encrypted with a key that this process does not have. To its readers it is what is no JSON: not to be read.
/// </summary>
internal sealed class ContentUnreadableException(Exception? innerException = null)
    : JsonException("It is encrypted with a key that is not here.", innerException);
