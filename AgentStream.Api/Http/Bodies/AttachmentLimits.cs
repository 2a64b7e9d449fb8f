using AgentStream.Messaging.Attachments;
using AgentStream.Messaging.Log;

namespace AgentStream.Api.Http.Bodies;

/// <summary>What may be attached, for clients that tell people before they send.</summary>
internal sealed record AttachmentLimits
{
    /// <summary>The bytes of one; 0: none are taken.</summary>
    public required long MaxBytes { get; init; }

    /// <summary>The bytes of a session's attachments together.</summary>
    public required long MaxSessionBytes { get; init; }

    public required int MaxPerMessage { get; init; }

    /// <summary>The media types that are shown as images.</summary>
    public required IReadOnlyList<string> Images { get; init; }

    public static AttachmentLimits Of(MessagingOptions options) => new()
    {
        MaxBytes = options.MaxAttachmentBytes,
        MaxSessionBytes = options.MaxAttachmentBytesPerSession,
        MaxPerMessage = options.MaxAttachmentsPerMessage,
        Images = AttachmentTypes.Images,
    };
}
