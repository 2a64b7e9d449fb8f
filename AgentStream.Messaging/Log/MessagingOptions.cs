using System.ComponentModel.DataAnnotations;

namespace AgentStream.Messaging.Log;

/// <summary>Settings of the log and the queue, in whichever home. Section <c>AgentStream:Messaging</c>.</summary>
public sealed class MessagingOptions
{
    public const string Section = "AgentStream:Messaging";

    /// <summary>
    /// The time for which a run stays with a worker that does not renew its lease.
    /// Default 10 s; shorter finds a dead worker sooner, and takes runs from one that only pauses.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The time for which the deltas of a finished run can still be replayed.
    /// Default 5 minutes; then they are folded into the transcript, and older cursors get <c>resync</c>.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "365.00:00:00")]
    public TimeSpan ReplayWindow { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>The number of runs that may wait in one session. Default 100.</summary>
    [Range(1, 10_000)]
    public int MaxQueuedRuns { get; set; } = 100;

    /// <summary>The number of messages that a snapshot and a page of the transcript hold. Default 50.</summary>
    [Range(1, 1_000)]
    public int SnapshotMessages { get; set; } = 50;

    /// <summary>
    /// The size of earlier turns' records that a session keeps for its prompts, in bytes.
    /// Default 1 MiB; the oldest turns go first, and the newest stays however large it is. 0: no conversation.
    /// </summary>
    [Range(0, 1 << 30)]
    public int ConversationBytes { get; set; } = 1 << 20;
}
