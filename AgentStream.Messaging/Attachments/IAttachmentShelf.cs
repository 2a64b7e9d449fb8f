using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Messaging.Attachments;

/// <summary>Where a home keeps attachments, in parts, encrypted where anything is.</summary>
/// <remarks>
/// That one was sent is written with the message that names it: <see cref="Queue.RunRequest.Attachments"/>.
/// Each throws <see cref="StoreUnavailableException"/> where the store can't be reached.
/// </remarks>
internal interface IAttachmentShelf
{
    /// <summary>The owner of a session; <c>null</c>: nobody wrote to it.</summary>
    ValueTask<PrincipalId?> OwnerOfAsync(SessionId sessionId, CancellationToken cancellationToken);

    /// <summary>Keeps a part of one that is being added.</summary>
    ValueTask PutPartAsync(
        SessionId sessionId, AttachmentId id, int number, ReadOnlyMemory<byte> part, CancellationToken cancellationToken);

    /// <summary>Says that all parts of one are there. False: with it, the session would have more than the limit.</summary>
    /// <param name="sessionId">The session.</param>
    /// <param name="added">Who added what.</param>
    /// <param name="limit">The bytes that the session may have, those included that were not sent yet.</param>
    /// <param name="cancellationToken">Cancels the asking.</param>
    ValueTask<bool> CompleteAsync(SessionId sessionId, ShelvedAttachment added, long limit, CancellationToken cancellationToken);

    /// <summary>One that was added, or sent; <c>null</c>: there is none of that name.</summary>
    /// <param name="sessionId">The session.</param>
    /// <param name="id">Which.</param>
    /// <param name="isSent">Whether it is one that a message has named.</param>
    /// <param name="cancellationToken">Cancels the asking.</param>
    ValueTask<ShelvedAttachment?> FindAsync(SessionId sessionId, AttachmentId id, bool isSent, CancellationToken cancellationToken);

    /// <summary>A part of one that was sent; <c>null</c>: it is gone.</summary>
    ValueTask<ReadOnlyMemory<byte>?> GetPartAsync(SessionId sessionId, AttachmentId id, int number, CancellationToken cancellationToken);

    /// <summary>Removes one that was not sent, be it whole or not.</summary>
    ValueTask RemoveAsync(SessionId sessionId, AttachmentId id, int parts, CancellationToken cancellationToken);
}

/// <summary>One as it is kept.</summary>
/// <param name="Attachment">It.</param>
/// <param name="By">Who added it.</param>
internal sealed record ShelvedAttachment(Attachment Attachment, PrincipalId By);
