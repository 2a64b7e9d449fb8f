using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Messaging.Attachments;

/// <summary>
/// The files that come with messages, kept beside the log of their session: one is added first, and belongs to the session once a
/// message has named it. What no message names goes after <see cref="MessagingOptions.UnsentAttachmentLifetime"/>, and all of them go with
/// the session.
/// </summary>
/// <remarks>Each throws <see cref="StoreUnavailableException"/> where the store can't be reached.</remarks>
internal interface IAttachments
{
    /// <summary>Keeps a file for a message that is still to come.</summary>
    /// <param name="sessionId">The session; it need not be there yet.</param>
    /// <param name="owner">Who adds it: nobody else can send it.</param>
    /// <param name="file">What its sender says of it.</param>
    /// <param name="content">Its bytes, read no further than they may be kept.</param>
    /// <param name="cancellationToken">Ends the reading; what was kept by then goes.</param>
    ValueTask<AddedAttachment> AddAsync(
        SessionId sessionId, PrincipalId owner, AttachmentFile file, Stream content, CancellationToken cancellationToken = default);

    /// <summary>Those of the named ones that a message of this owner may have: what they added, and what the session has.</summary>
    ValueTask<IReadOnlyList<Attachment>> FindAsync(
        SessionId sessionId, PrincipalId owner, IReadOnlyList<AttachmentId> ids, CancellationToken cancellationToken = default);

    /// <summary>One that the session has; <c>null</c>: it has none of that name.</summary>
    ValueTask<Attachment?> GetAsync(SessionId sessionId, AttachmentId id, CancellationToken cancellationToken = default);

    /// <summary>The bytes of one that the session has, piece by piece. Ends early where it is gone meanwhile.</summary>
    IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(
        SessionId sessionId, Attachment attachment, CancellationToken cancellationToken = default);

    /// <summary>Removes one that was not sent yet. False: its owner has none of that name.</summary>
    ValueTask<bool> RemoveAsync(SessionId sessionId, PrincipalId owner, AttachmentId id, CancellationToken cancellationToken = default);
}

/// <summary>What a sender says of a file.</summary>
/// <param name="Name">Its name; <c>null</c>: none.</param>
/// <param name="MediaType">Its media type; <c>null</c>: unknown. What its bytes say counts more.</param>
/// <param name="Length">Its length, where that is known before.</param>
internal readonly record struct AttachmentFile(string? Name, string? MediaType, long? Length);

/// <summary>What became of a file.</summary>
internal enum AddedStatus
{
    /// <summary>It is kept.</summary>
    Added,

    /// <summary>It has no bytes.</summary>
    Empty,

    /// <summary>It is larger than <see cref="MessagingOptions.MaxAttachmentBytes"/>.</summary>
    TooLarge,

    /// <summary>It is nothing that could be given to a model: see <see cref="AttachmentTypes"/>.</summary>
    UnknownType,

    /// <summary>The session would have more than <see cref="MessagingOptions.MaxAttachmentBytesPerSession"/>.</summary>
    SessionFull,

    /// <summary>The owner's sessions are as large as they may be.</summary>
    OwnerFull,

    /// <summary>The session is somebody else's.</summary>
    NotOwner,
}

/// <summary>The answer to <see cref="IAttachments.AddAsync"/>.</summary>
/// <param name="Status">What became of it.</param>
/// <param name="Attachment">It, where it is kept.</param>
internal readonly record struct AddedAttachment(AddedStatus Status, Attachment? Attachment = null);
