namespace AgentStream.Messaging.Log;

/// <summary>An epoch that a log went on from. Cursors in it can be served as far as it is a part of this log.</summary>
/// <param name="Epoch">Its name.</param>
/// <param name="Last">Its last offset in this log; whoever has a later one has read a log that is not this one.</param>
internal sealed record FormerEpoch(Epoch Epoch, Offset Last)
{
    /// <summary>Leaves out those of which nothing can be served any more.</summary>
    public static IReadOnlyList<FormerEpoch> After(IReadOnlyList<FormerEpoch> all, Offset trimmedThrough)
        => all.Any(former => former.Last < trimmedThrough) ? [.. all.Where(former => former.Last >= trimmedThrough)] : all;
}
