using System.Text.Json;
using AgentStream.Messaging.Attachments;
using AgentStream.Messaging.Encryption;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Redis.Commands;
using AgentStream.Messaging.Redis.Connection;
using StackExchange.Redis;

namespace AgentStream.Messaging.Redis;

/// <summary>
/// Attachments in the slot of their session: in one hash until a message names them, in another one then, which lasts as long as the
/// session. See docs/redis.md.
/// </summary>
internal sealed class RedisAttachments(RedisLink link, RedisKeys keys, MessagingOptions limits) : IAttachmentShelf
{
    private long Lifetime => (long)limits.UnsentAttachmentLifetime.TotalMilliseconds;

    public async ValueTask<PrincipalId?> OwnerOfAsync(SessionId sessionId, CancellationToken cancellationToken)
        => (await link.GetFieldsAsync(keys.Of(sessionId).Meta, ["owner"], cancellationToken)).Text("owner") is { Length: > 0 } owner
            ? PrincipalId.Parse(owner)
            : null;

    public async ValueTask PutPartAsync(
        SessionId sessionId, AttachmentId id, int number, ReadOnlyMemory<byte> part, CancellationToken cancellationToken)
        => await link.EvaluateAsync(
            RedisScript.Upload,
            [keys.Of(sessionId).Uploads],
            new ScriptArguments
            {
                { "id", id.Value },
                { "number", number },

                // A copy: what did not come through in time may still be on its way when the caller uses the buffer again.
                { "part", link.Cipher.Seal(part.ToArray()) },
                { "lifetime", Lifetime },
            },
            cancellationToken);

    public async ValueTask<bool> CompleteAsync(
        SessionId sessionId, ShelvedAttachment added, long limit, CancellationToken cancellationToken)
    {
        var session = keys.Of(sessionId);
        var reply = await link.EvaluateAsync(
            RedisScript.Complete,
            [session.Uploads, session.Meta],
            new ScriptArguments
            {
                { "id", added.Attachment.Id.Value },
                { "parts", AttachmentParts.Count(added.Attachment.Size) },
                { "size", added.Attachment.Size },
                { "info", link.Cipher.Seal(JsonSerializer.SerializeToUtf8Bytes(added, ShelfJson.Kept.ShelvedAttachment)) },
                { "limit", limit },
                { "lifetime", Lifetime },
            },
            cancellationToken);
        return reply.Text("status") == "complete";
    }

    public async ValueTask<ShelvedAttachment?> FindAsync(
        SessionId sessionId, AttachmentId id, bool isSent, CancellationToken cancellationToken)
    {
        var session = keys.Of(sessionId);
        return await GetAsync(isSent ? session.Attachments : session.Uploads, id.Value, cancellationToken) is { } info
            ? JsonSerializer.Deserialize(info, ShelfJson.Kept.ShelvedAttachment)
            : null;
    }

    public async ValueTask<ReadOnlyMemory<byte>?> GetPartAsync(
        SessionId sessionId, AttachmentId id, int number, CancellationToken cancellationToken)
        => await GetAsync(keys.Of(sessionId).Attachments, $"{id}/{number}", cancellationToken) is { } part
            ? new ReadOnlyMemory<byte>(part)
            : (ReadOnlyMemory<byte>?)null;

    public async ValueTask RemoveAsync(SessionId sessionId, AttachmentId id, int parts, CancellationToken cancellationToken)
        => await link.EvaluateAsync(
            RedisScript.Remove,
            [keys.Of(sessionId).Uploads],
            new ScriptArguments { { "id", id.Value }, { "parts", parts } },
            cancellationToken);

    private async Task<byte[]?> GetAsync(RedisKey key, string field, CancellationToken cancellationToken)
    {
        try
        {
            return (await link.GetFieldsAsync(key, [field], cancellationToken)).Bytes(field);
        }
        catch (ContentUnreadableException exception)
        {
            throw new StoreUnavailableException("An attachment is encrypted with a key that is not here.", exception);
        }
    }
}
