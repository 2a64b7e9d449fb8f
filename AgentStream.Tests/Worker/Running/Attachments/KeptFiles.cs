using System.Runtime.CompilerServices;
using AgentStream.Messaging;
using AgentStream.Messaging.Attachments;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Tests.Worker.Running.Attachments;

/// <summary>Files in memory.</summary>
internal sealed class KeptFiles : IAttachments
{
    private readonly Dictionary<AttachmentId, byte[]> _files = [];

    public Attachment Add(string name, string mediaType, byte[] content)
    {
        var attachment = new Attachment { Id = AttachmentId.New(), Name = name, MediaType = mediaType, Size = content.Length };
        _files[attachment.Id] = content;
        return attachment;
    }

    public void Lose(Attachment attachment) => _files.Remove(attachment.Id);

    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(
        SessionId sessionId, Attachment attachment, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.CompletedTask;
        foreach (var part in _files.GetValueOrDefault(attachment.Id, []).Chunk(1000))
        {
            yield return part;
        }
    }

    public ValueTask<AddedAttachment> AddAsync(
        SessionId sessionId, PrincipalId owner, AttachmentFile file, Stream content, CancellationToken cancellationToken = default)
        => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<Attachment>> FindAsync(
        SessionId sessionId, PrincipalId owner, IReadOnlyList<AttachmentId> ids, CancellationToken cancellationToken = default)
        => throw new NotSupportedException();

    public ValueTask<Attachment?> GetAsync(SessionId sessionId, AttachmentId id, CancellationToken cancellationToken = default)
        => throw new NotSupportedException();

    public ValueTask<bool> RemoveAsync(
        SessionId sessionId, PrincipalId owner, AttachmentId id, CancellationToken cancellationToken = default)
        => throw new NotSupportedException();
}
