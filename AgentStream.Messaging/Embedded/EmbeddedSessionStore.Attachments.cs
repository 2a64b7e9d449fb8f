using System.Text.Json;
using AgentStream.Messaging.Attachments;
using AgentStream.Messaging.Embedded.Storage;
using AgentStream.Messaging.Encryption;
using AgentStream.Messaging.Log;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace AgentStream.Messaging.Embedded;

/// <content>What came with messages.</content>
internal sealed partial class EmbeddedSessionStore : IAttachmentShelf
{
    /// <summary>The attachments of the sessions.</summary>
    public AttachmentStore Attachments { get; }

    ValueTask<PrincipalId?> IAttachmentShelf.OwnerOfAsync(SessionId sessionId, CancellationToken cancellationToken)
        => Kept(database => database.OwnerOf(sessionId) is { } owner ? PrincipalId.Parse(owner) : (PrincipalId?)null);

    async ValueTask IAttachmentShelf.PutPartAsync(
        SessionId sessionId, AttachmentId id, int number, ReadOnlyMemory<byte> part, CancellationToken cancellationToken)
        => await Kept(database =>
        {
            database.PutPart(sessionId, id, number, part.ToArray(), _timeProvider.GetUtcNow());
            return true;
        });

    ValueTask<bool> IAttachmentShelf.CompleteAsync(
        SessionId sessionId, ShelvedAttachment added, long limit, CancellationToken cancellationToken)
    {
        var info = JsonSerializer.SerializeToUtf8Bytes(added, ShelfJson.Kept.ShelvedAttachment);
        var row = new StoredAttachment(sessionId, added.Attachment.Id, added.By, added.Attachment.Size, info);
        return Kept(database => database.Complete(row, limit));
    }

    ValueTask<ShelvedAttachment?> IAttachmentShelf.FindAsync(
        SessionId sessionId, AttachmentId id, bool isSent, CancellationToken cancellationToken)
        => Kept(database => database.FindAttachment(sessionId, id, isSent) is { } info
            ? JsonSerializer.Deserialize(info, ShelfJson.Kept.ShelvedAttachment)
            : null);

    ValueTask<ReadOnlyMemory<byte>?> IAttachmentShelf.GetPartAsync(
        SessionId sessionId, AttachmentId id, int number, CancellationToken cancellationToken)
        => Kept(database => database.GetPart(sessionId, id, number) is { } part
            ? new ReadOnlyMemory<byte>(part)
            : (ReadOnlyMemory<byte>?)null);

    async ValueTask IAttachmentShelf.RemoveAsync(SessionId sessionId, AttachmentId id, int parts, CancellationToken cancellationToken)
        => await Kept(database =>
        {
            database.RemoveUnsent(sessionId, id);
            return true;
        });

    /// <summary>Lets go what nobody sent.</summary>
    private void RemoveUnsent()
    {
        try
        {
            _database!.RemoveUnsent(_timeProvider.GetUtcNow() - _messaging.UnsentAttachmentLifetime);
        }
        catch (SqliteException exception)
        {
            LogUnsentStay(exception);
        }
    }

    private ValueTask<T> Kept<T>(Func<SessionDatabase, T> ask)
    {
        ThrowIfClosed();
        try
        {
            return ValueTask.FromResult(ask(_database!));
        }
        catch (SqliteException exception)
        {
            throw new StoreUnavailableException("The attachments can't be read or written.", exception);
        }
        catch (ContentUnreadableException exception)
        {
            throw new StoreUnavailableException("An attachment is encrypted with a key that is not here.", exception);
        }
    }

    [LoggerMessage(
        Level = LogLevel.Warning, Message = "Attachments that nobody sent stay; it is tried again later.")]
    private partial void LogUnsentStay(Exception exception);
}
