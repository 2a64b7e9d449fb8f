using System.Runtime.CompilerServices;
using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Transcript;

namespace AgentStream.Api.Http.Export;

/// <summary>
/// A whole transcript, oldest first, holding one page at a time.
/// The log pages backwards, so the pages are found from the end and then read from the beginning:
/// each is read twice, and a session of any length takes the memory of one page.
/// A session that was erased meanwhile, and is somebody else's by now, has no more of them.
/// </summary>
internal sealed class TranscriptPages(ISessionLog log)
{
    private const int PageSize = 100;

    /// <summary>The ends of the pages (exclusive), the oldest page first.</summary>
    public async ValueTask<IReadOnlyList<Offset>> FindAsync(SessionHead head, CancellationToken cancellationToken)
    {
        var ends = new List<Offset>();
        for (var end = head.LastSeq.Next; ;)
        {
            var page = await log.ReadTranscriptAsync(head.SessionId, end, PageSize, cancellationToken);
            if (page.Messages.Count > 0 && page.Head.Owner == head.Owner)
            {
                ends.Add(end);
                end = page.Messages[0].Seq;
            }

            if (page.Messages.Count == 0 || !page.HasMore || page.Head.Owner != head.Owner)
            {
                ends.Reverse();
                return ends;
            }
        }
    }

    public async IAsyncEnumerable<TranscriptMessage> ReadAsync(
        SessionHead head, IReadOnlyList<Offset> ends, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var last = Offset.Start;
        foreach (var end in ends)
        {
            var page = await log.ReadTranscriptAsync(head.SessionId, end, PageSize, cancellationToken);
            if (page.Head.Owner != head.Owner)
            {
                yield break;
            }

            foreach (var message in page.Messages.Where(message => message.Seq > last))
            {
                yield return message;
                last = message.Seq;
            }
        }
    }
}
