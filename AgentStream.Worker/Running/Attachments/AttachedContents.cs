using System.Text;
using System.Xml;
using AgentStream.Messaging;
using AgentStream.Messaging.Attachments;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;
using AgentStream.Worker.Models;
using AgentStream.Worker.Tools.Output;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Running.Attachments;

/// <summary>
/// What a model gets of the files that came with messages: images as images where it sees them, text as text, and of all else a word
/// that it is there. Read once for a run; checkpoints name the files and have nothing of them.
/// </summary>
internal sealed class AttachedContents
{
    /// <summary>Bytes that a prompt has of images and PDF files. The newest come first.</summary>
    private const long MostBytes = 20 << 20;

    private const string FileBegins = "\n\n[Attached file: ";

    private readonly Dictionary<AttachmentId, AIContent> _contents = [];

    private AttachedContents()
    {
    }

    /// <summary>For runs without any.</summary>
    public static AttachedContents None { get; } = new();

    /// <summary>Reads what belongs to a run: the files of its message, and of the conversation before it.</summary>
    /// <param name="store">Where they are; <c>null</c>: nowhere.</param>
    /// <param name="claim">The run.</param>
    /// <param name="model">Who gets them.</param>
    /// <param name="characters">The characters of one text.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<AttachedContents> ReadAsync(
        IAttachments? store, RunClaim claim, ResolvedModel model, int characters, CancellationToken cancellationToken)
    {
        var turns = claim.Request.History is null ? claim.Conversation : [];
        List<Attachment> newestFirst =
            [.. claim.Request.Attachments ?? [], .. turns.Reverse().SelectMany(turn => turn.Attachments ?? [])];
        if (store is null || newestFirst.Count == 0)
        {
            return None;
        }

        var read = new AttachedContents();
        var left = MostBytes;
        foreach (var attachment in newestFirst.DistinctBy(one => one.Id))
        {
            var isData = IsData(attachment, model);
            if ((!isData && IsOpaque(attachment)) || attachment.Size > left)
            {
                continue;
            }

            using var bytes = await CopyAsync(store, claim.Lease.SessionId, attachment, cancellationToken);
            if (bytes.Length != attachment.Size)
            {
                // Gone with its session, or never there.
                continue;
            }

            left -= isData ? attachment.Size : 0;
            AIContent? content = isData ? Data(attachment, bytes) : Text(attachment, bytes, characters);
            if (content is not null)
            {
                read._contents[attachment.Id] = content;
            }
        }

        return read;
    }

    /// <summary>What a person wrote, with the files that came with it.</summary>
    /// <param name="message">What they wrote.</param>
    /// <param name="attachments">The files; <c>null</c>: none.</param>
    /// <param name="shorten">Whether the files are named only.</param>
    public ChatMessage Message(string message, IReadOnlyList<Attachment>? attachments, bool shorten = false)
    {
        if (attachments is not { Count: > 0 })
        {
            return new ChatMessage(ChatRole.User, message);
        }

        var text = new StringBuilder(message);
        List<AIContent> data = [];
        foreach (var attachment in attachments)
        {
            var named = $"{FileBegins}{attachment.Name} ({attachment.MediaType}, {attachment.Size} bytes)";
            switch (shorten ? null : _contents.GetValueOrDefault(attachment.Id))
            {
                case TextContent content:
                    text.Append($"{named}]\n{UntrustedText.Mark("attached_file", content.Text)}");
                    break;
                case { } content:
                    text.Append($"{named}]");
                    data.Add(content);
                    break;
                default:
                    text.Append($"{named}: its content is not shown to you here]");
                    break;
            }
        }

        // As one text: there are servers that take no list of parts.
        return new ChatMessage(ChatRole.User, [new TextContent(text.ToString()), .. data]);
    }

    /// <summary>
    /// What a person wrote, without the files that came with it: for a model that goes by rules, and would take them for orders.
    /// </summary>
    public static string WithoutFiles(string text)
        => text.IndexOf(FileBegins, StringComparison.Ordinal) is >= 0 and var at ? text[..at] : text;

    private static bool IsData(Attachment attachment, ResolvedModel model)
        => AttachmentTypes.IsImage(attachment.MediaType) ? model.SeesImages
            : attachment.MediaType == AttachmentTypes.Pdf && model.ReadsPdf;

    /// <summary>Nothing of it can be put into words here.</summary>
    private static bool IsOpaque(Attachment attachment)
        => AttachmentTypes.IsImage(attachment.MediaType) || attachment.MediaType == AttachmentTypes.Pdf;

    private static DataContent Data(Attachment attachment, MemoryStream bytes)
        => new(bytes.GetBuffer().AsMemory(0, (int)bytes.Length), attachment.MediaType) { Name = attachment.Name };

    private static TextContent? Text(Attachment attachment, MemoryStream bytes, int characters)
    {
        try
        {
            var text = AttachmentTypes.IsText(attachment.MediaType)
                ? Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length).TrimStart('\uFEFF')
                : OfficeText.Read(bytes, attachment.MediaType, characters);
            return new TextContent(CutText.Of(text, characters));
        }
        catch (Exception exception) when (exception is InvalidDataException or XmlException or NotSupportedException)
        {
            // A broken file is one that nobody can read: the model says so.
            return null;
        }
    }

    private static async Task<MemoryStream> CopyAsync(
        IAttachments store, SessionId sessionId, Attachment attachment, CancellationToken cancellationToken)
    {
        var bytes = new MemoryStream((int)attachment.Size);
        await foreach (var part in store.ReadAsync(sessionId, attachment, cancellationToken))
        {
            bytes.Write(part.Span);
        }

        bytes.Position = 0;
        return bytes;
    }
}
