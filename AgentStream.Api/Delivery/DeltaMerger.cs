using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;

namespace AgentStream.Api.Delivery;

/// <summary>
/// The frames of a batch.
/// A reader that keeps up gets batches of one, and with them the very bytes of the log;
/// what has gathered for one that does not is merged where adjacent entries are deltas of the same step.
/// </summary>
internal static class DeltaMerger
{
    // So that one frame never grows beyond what small clients can take.
    private const int MaxMergedLength = 32 * 1024;

    /// <param name="batch">The entries.</param>
    /// <param name="isShort">Whether a delta that continues the entry before it says only what is new.</param>
    /// <param name="before">The entry before the first one, where the reader has it for certain.</param>
    public static IEnumerable<OutgoingFrame> Frames(LogBatch batch, bool isShort = false, LogEntry? before = null)
    {
        var entries = batch.Entries;
        for (var first = 0; first < entries.Count;)
        {
            var end = EndOfStep(entries, first);
            var last = entries[end - 1];
            var bytes = isShort && IsContinued(before, entries[first]) ? Shorten(entries, first, end)
                : end - first == 1 ? last.Frame
                : Merge(entries, first, end);
            yield return new OutgoingFrame(last.Event.Type, bytes, new Cursor(batch.Epoch, last.Offset), last);
            (first, before) = (end, last);
        }
    }

    private static int EndOfStep(IReadOnlyList<LogEntry> entries, int first)
    {
        var end = first + 1;
        if (entries[first].Event is not StepDelta step)
        {
            return end;
        }

        var length = step.Delta.Length;
        while (end < entries.Count
            && entries[end].Event is StepDelta next
            && next.StepId == step.StepId
            && next.StepType == step.StepType
            && (length += next.Delta.Length) <= MaxMergedLength)
        {
            end++;
        }

        return end;
    }

    // Whether nothing is new but offset, time and text.
    private static bool IsContinued(LogEntry? before, LogEntry entry)
        => before is { Event: StepDelta earlier }
            && entry.Event is StepDelta later
            && before.RunId == entry.RunId
            && earlier with { Delta = later.Delta } == later;

    private static byte[] Merge(IReadOnlyList<LogEntry> entries, int first, int end)
    {
        var last = entries[end - 1];
        return EnvelopeCodec.MergedFrame(
            entries[first].Offset,
            last.Offset,
            (StepDelta)last.Event with { Delta = TextOf(entries, first, end) },
            last.RunId,
            last.Timestamp);
    }

    private static byte[] Shorten(IReadOnlyList<LogEntry> entries, int first, int end)
        => EnvelopeCodec.ShortFrame(
            entries[first].Offset, entries[end - 1].Offset, TextOf(entries, first, end), entries[end - 1].Timestamp);

    private static string TextOf(IReadOnlyList<LogEntry> entries, int first, int end)
        => string.Concat(Enumerable.Range(first, end - first).Select(index => ((StepDelta)entries[index].Event).Delta));
}
