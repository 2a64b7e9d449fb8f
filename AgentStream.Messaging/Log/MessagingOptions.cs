using System.ComponentModel.DataAnnotations;

namespace AgentStream.Messaging.Log;

/// <summary>Settings of the log and the queue, in whichever home. Section <c>AgentStream:Messaging</c>.</summary>
internal sealed class MessagingOptions
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

    /// <summary>The size of one attachment, in bytes. Default 10 MiB; 0: none are taken.</summary>
    [Range(0, 1 << 30)]
    public int MaxAttachmentBytes { get; set; } = 10 << 20;

    /// <summary>The size of a session's attachments, those included that were not sent yet, in bytes. Default 50 MiB.</summary>
    [Range(typeof(long), "0", "1000000000000")]
    public long MaxAttachmentBytesPerSession { get; set; } = 50 << 20;

    /// <summary>The number of attachments that a message may have. Default 10.</summary>
    [Range(1, 100)]
    public int MaxAttachmentsPerMessage { get; set; } = 10;

    /// <summary>The time for which an attachment is kept that no message has named. Default 1 hour.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "7.00:00:00")]
    public TimeSpan UnsentAttachmentLifetime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>
    /// The number of an owner's sessions in which a run may be under way at a time, over all servers; one that waits for a person counts.
    /// Default 0: any number.
    /// </summary>
    [Range(0, 1_000_000)]
    public int MaxRunsPerOwner { get; set; }

    /// <summary>The number of an owner's runs that may wait in all of their sessions, over all servers. Default 0: any number.</summary>
    [Range(0, 1_000_000)]
    public int MaxQueuedRunsPerOwner { get; set; }

    /// <summary>The number of sessions that an owner may have. Default 0: any number.</summary>
    [Range(0, 10_000_000)]
    public int MaxSessionsPerOwner { get; set; }

    /// <summary>
    /// The size of an owner's sessions beyond which no message of theirs is taken, in bytes.
    /// Default 0: any size. It is added up once a minute at most.
    /// </summary>
    [Range(typeof(long), "0", "1000000000000000")]
    public long MaxBytesPerOwner { get; set; }

    /// <summary>
    /// The number of tokens that an owner's runs may use on a day (UTC); then no message of theirs is taken until the next one.
    /// Default 0: any number. What is under way goes on.
    /// </summary>
    [Range(typeof(long), "0", "1000000000000000")]
    public long MaxTokensPerDay { get; set; }

    /// <summary>
    /// The money that an owner's runs may cost on a day (UTC), by <c>AgentStream:Prices</c> and in its currency.
    /// Default 0: any sum. What is under way goes on.
    /// </summary>
    [Range(typeof(decimal), "0", "1000000000")]
    public decimal MaxMoneyPerDay { get; set; }
}
