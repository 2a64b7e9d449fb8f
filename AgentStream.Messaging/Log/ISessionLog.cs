using AgentStream.Messaging.Queue;
using AgentStream.Messaging.Transcript;

namespace AgentStream.Messaging.Log;

/// <summary>The sessions' logs: one durable, ordered log for each, and the only truth about it.</summary>
/// <remarks>
/// <para>
/// Two homes pass the same contract tests: embedded (this process and its disk) and Redis. Whoever calls this knows not which one it has.
/// </para>
/// <para>Every method throws <see cref="StoreUnavailableException"/> where the store can't be reached
/// or can't write; nothing was changed then,
/// or the change is idempotent (<see cref="RunAppend.Sequence"/>, <see cref="RunRequest.MessageId"/>) and may be asked for again.</para>
/// </remarks>
internal interface ISessionLog
{
    /// <summary>
    /// Gets the head of a session's log.
    /// A session that nobody wrote to has an epoch already, so that a reader can name it, but nothing of it is kept.
    /// </summary>
    ValueTask<SessionHead> GetHeadAsync(SessionId sessionId, CancellationToken cancellationToken = default);

    /// <summary>Reads at most <paramref name="maxEntries"/> entries after a cursor, or says why the cursor can't be served.</summary>
    ValueTask<LogBatch> ReadAsync(SessionId sessionId, Cursor cursor, int maxEntries, CancellationToken cancellationToken = default);

    /// <summary>
    /// Follows a session: all entries after a cursor and all that come, in order, each entry once.
    /// A batch is what has gathered since the one before was taken, so a slow reader gets larger batches and holds no memory of its own.
    /// A batch with <see cref="LogBatch.Resync"/> is the last: take a snapshot and follow from there.
    /// </summary>
    IAsyncEnumerable<LogBatch> FollowAsync(SessionId sessionId, Cursor cursor, CancellationToken cancellationToken = default);

    /// <summary>
    /// The newest page of the transcript with the run under way, exactly as of <see cref="SnapshotData.LastSeq"/>.
    /// Made once for all who join at the same offset.
    /// </summary>
    ValueTask<SessionSnapshot> SnapshotAsync(SessionId sessionId, CancellationToken cancellationToken = default);

    /// <summary>
    /// A page of the transcript: the <paramref name="limit"/> messages before <paramref name="before"/>
    /// (<c>null</c>: the newest), oldest first.
    /// </summary>
    ValueTask<TranscriptPage> ReadTranscriptAsync(
        SessionId sessionId, Offset? before, int limit, CancellationToken cancellationToken = default);

    /// <summary>Appends what a run has to say, all of it or nothing, together with its checkpoint, if the lease still holds.</summary>
    ValueTask<AppendResult> AppendAsync(RunAppend append, CancellationToken cancellationToken = default);

    /// <summary>Gives a session a title. False: there is no such session.</summary>
    /// <param name="sessionId">The session.</param>
    /// <param name="title">The title.</param>
    /// <param name="owner">Whose it has to be, decided in the write itself; <c>null</c>: whosever it is.</param>
    /// <param name="cancellationToken">Cancels the asking.</param>
    ValueTask<bool> RenameAsync(
        SessionId sessionId, string title, PrincipalId? owner = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Removes a session and all that is known of it; a run under way loses its lease. Who follows gets a resync to a new, empty epoch.
    /// False: there is no such session.
    /// </summary>
    /// <param name="sessionId">The session.</param>
    /// <param name="owner">Whose it has to be, decided in the write itself; <c>null</c>: whosever it is.</param>
    /// <param name="cancellationToken">Cancels the asking.</param>
    ValueTask<bool> EraseAsync(SessionId sessionId, PrincipalId? owner = null, CancellationToken cancellationToken = default);

    /// <summary>The sessions of an owner, the latest changed first.</summary>
    /// <exception cref="ArgumentException">The page token is none that this list gave.</exception>
    ValueTask<SessionPage> ListAsync(SessionQuery query, CancellationToken cancellationToken = default);
}
