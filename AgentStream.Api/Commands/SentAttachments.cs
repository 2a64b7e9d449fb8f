using AgentStream.Messaging;
using AgentStream.Messaging.Attachments;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;

namespace AgentStream.Api.Commands;

/// <summary>Finds the files that a message names by their ids.</summary>
internal static class SentAttachments
{
    /// <summary>Told to whoever names a file that is not there.</summary>
    public static Refusal NoSuchAttachment { get; } = new(
        ErrorCodes.NoSuchAttachment, "This session has no such attachment: add it again, and send it before its time is over.");

    /// <summary>The request with its files.</summary>
    /// <param name="request">The request without.</param>
    /// <param name="ids">The ids, as a client wrote them.</param>
    /// <param name="attachments">Where files are kept; <c>null</c>: nowhere.</param>
    /// <param name="most">The number that a message may have.</param>
    /// <param name="cancellationToken">Cancels the asking.</param>
    public static async ValueTask<Answer<RunRequest>> AddAsync(
        RunRequest request,
        IReadOnlyList<string>? ids,
        IAttachments? attachments,
        int most,
        CancellationToken cancellationToken)
    {
        if (ids is not { Count: > 0 })
        {
            return request;
        }

        if (ids.Count > most)
        {
            return new Refusal(ErrorCodes.InvalidOption, $"attachments takes up to {most} ids.", request.MessageId);
        }

        var named = new List<AttachmentId>();
        foreach (var text in ids)
        {
            if (!AttachmentId.TryParse(text, out var id) || named.Contains(id))
            {
                return new Refusal(
                    ErrorCodes.InvalidId, "attachments takes ids of files that were added to this session, each once.", request.MessageId);
            }

            named.Add(id);
        }

        var found = attachments is null
            ? []
            : await attachments.FindAsync(request.SessionId, request.Owner, named, cancellationToken);
        return found.Count == named.Count
            ? request with { Attachments = found }
            : NoSuchAttachment with { MessageId = request.MessageId };
    }
}
