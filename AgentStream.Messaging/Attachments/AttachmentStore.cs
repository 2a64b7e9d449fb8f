using System.Buffers;
using System.Runtime.CompilerServices;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Owners;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Messaging.Attachments;

/// <summary>The rules of attachments, for both homes: what is taken, whose it is, and in which form it is kept.</summary>
internal sealed class AttachmentStore(IAttachmentShelf shelf, OwnerGate gate, MessagingOptions limits) : IAttachments
{
    /// <summary>Stands before the bytes of each part: none of them is taken for an encrypted one, whatever it begins with.</summary>
    private const byte Plain = 0;

    /// <inheritdoc />
    public async ValueTask<AddedAttachment> AddAsync(
        SessionId sessionId, PrincipalId owner, AttachmentFile file, Stream content, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        if (file.Length > limits.MaxAttachmentBytes)
        {
            return new(AddedStatus.TooLarge);
        }

        if (await shelf.OwnerOfAsync(sessionId, cancellationToken) is { } other && other != owner)
        {
            return new(AddedStatus.NotOwner);
        }

        if (await gate.IsFullAsync(owner, cancellationToken))
        {
            return new(AddedStatus.OwnerFull);
        }

        var id = AttachmentId.New();
        var kept = 0;
        AddedAttachment? added = null;
        try
        {
            added = await KeepAsync(sessionId, owner, id, file, content, () => kept++, cancellationToken);
            return added.Value;
        }
        finally
        {
            if (added?.Status != AddedStatus.Added)
            {
                await DropAsync(sessionId, id, kept);
            }
        }
    }

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<Attachment>> FindAsync(
        SessionId sessionId, PrincipalId owner, IReadOnlyList<AttachmentId> ids, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(ids);
        var found = new List<Attachment>();
        foreach (var id in ids)
        {
            var one = await shelf.FindAsync(sessionId, id, isSent: false, cancellationToken)
                ?? await shelf.FindAsync(sessionId, id, isSent: true, cancellationToken);
            if (one?.By == owner)
            {
                found.Add(one.Attachment);
            }
        }

        return found;
    }

    /// <inheritdoc />
    public async ValueTask<Attachment?> GetAsync(SessionId sessionId, AttachmentId id, CancellationToken cancellationToken = default)
        => (await shelf.FindAsync(sessionId, id, isSent: true, cancellationToken))?.Attachment;

    /// <inheritdoc />
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(
        SessionId sessionId, Attachment attachment, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(attachment);
        for (var number = 0; number < AttachmentParts.Count(attachment.Size); number++)
        {
            if (await shelf.GetPartAsync(sessionId, attachment.Id, number, cancellationToken) is not { } part)
            {
                yield break;
            }

            yield return part[1..];
        }
    }

    /// <inheritdoc />
    public async ValueTask<bool> RemoveAsync(
        SessionId sessionId, PrincipalId owner, AttachmentId id, CancellationToken cancellationToken = default)
    {
        if (await shelf.FindAsync(sessionId, id, isSent: false, cancellationToken) is not { } added || added.By != owner)
        {
            return false;
        }

        await shelf.RemoveAsync(sessionId, id, AttachmentParts.Count(added.Attachment.Size), cancellationToken);
        return true;
    }

    private async ValueTask<AddedAttachment> KeepAsync(
        SessionId sessionId,
        PrincipalId owner,
        AttachmentId id,
        AttachmentFile file,
        Stream content,
        Action noteKept,
        CancellationToken cancellationToken)
    {
        var name = AttachmentName.Of(file.Name);
        var text = new TextCheck();
        string? binary = null;
        var size = 0L;
        var part = ArrayPool<byte>.Shared.Rent(AttachmentParts.Size + 1);
        try
        {
            for (var number = 0; ; number++)
            {
                part[0] = Plain;
                var length = await content.ReadAtLeastAsync(
                    part.AsMemory(1, AttachmentParts.Size), AttachmentParts.Size, throwOnEndOfStream: false, cancellationToken);
                size += length;
                if (size > limits.MaxAttachmentBytes)
                {
                    return new(AddedStatus.TooLarge);
                }

                if (number == 0)
                {
                    binary = AttachmentTypes.OfBinary(part.AsSpan(1, Math.Min(length, AttachmentTypes.HeadBytes)), name);
                }

                if (binary is null)
                {
                    text.Read(part.AsSpan(1, length), isLast: length < AttachmentParts.Size);
                    if (!text.IsText)
                    {
                        return new(AddedStatus.UnknownType);
                    }
                }

                if (length > 0)
                {
                    noteKept();
                    await shelf.PutPartAsync(sessionId, id, number, part.AsMemory(0, length + 1), cancellationToken);
                }

                if (length < AttachmentParts.Size)
                {
                    break;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(part, clearArray: true);
        }

        if (size == 0)
        {
            return new(AddedStatus.Empty);
        }

        var attachment = new Attachment
        {
            Id = id,
            Name = name,
            MediaType = binary ?? AttachmentTypes.OfText(file.MediaType),
            Size = size,
        };
        return await shelf.CompleteAsync(
            sessionId, new ShelvedAttachment(attachment, owner), limits.MaxAttachmentBytesPerSession, cancellationToken)
            ? new(AddedStatus.Added, attachment)
            : new(AddedStatus.SessionFull);
    }

    /// <summary>Takes back what was kept of one. Never fails: what stays goes when its time is over.</summary>
    private async ValueTask DropAsync(SessionId sessionId, AttachmentId id, int parts)
    {
        if (parts == 0)
        {
            return;
        }

        try
        {
            // Not to be cancelled: whoever sent it may be gone already.
            await shelf.RemoveAsync(sessionId, id, parts, CancellationToken.None);
        }
        catch (StoreUnavailableException)
        {
            // It goes with what was never sent.
        }
    }
}
