using System.Collections.Concurrent;
using System.Text.Json;
using AgentStream.Messaging.Attachments;
using AgentStream.Messaging.Embedded.Scheduling;
using AgentStream.Messaging.Embedded.Sessions;
using AgentStream.Messaging.Embedded.Storage;
using AgentStream.Messaging.Encryption;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Owners;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;
using AgentStream.Messaging.Session;
using AgentStream.Messaging.Telemetry;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AgentStream.Messaging.Embedded;

/// <summary>
/// The log and the queue in this process, kept on its disk in a SQLite database, see docs/decisions/0002-embedded-store.md.
/// </summary>
/// <remarks>
/// <para>A command takes its session's gate, is decided against the ledger, and waits
/// until its record is on disk; readers see only what is.
/// In memory are the sessions in use and a bounded number of those used last.</para>
/// <para>
/// Its end of a lease, unlike all else, is not kept: with the process all its workers are gone,
/// so that after a start every run under way can be claimed at once.
/// </para>
/// </remarks>
internal sealed partial class EmbeddedSessionStore : ISessionLog, IRunQueue, IQueueBacklog, IErasures, IAsyncDisposable
{
    private readonly MessagingOptions _messaging;
    private readonly EmbeddedOptions _embedded;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger<EmbeddedSessionStore> _logger;
    private readonly Func<string, SessionDatabase> _openDatabase;
    private readonly Committer _committer;
    private readonly SemaphoreSlim _room;
    private readonly ConcurrentDictionary<SessionId, SessionSlot> _slots = [];
    private readonly ClaimIndex _claims;
    private readonly SignalHub _signals = new();
    private readonly FreshEpochs _freshEpochs = new();
    private readonly string _process = Guid.NewGuid().ToString("n")[..12];
    private readonly CancellationTokenSource _closing = new();
    private readonly Lock _life = new();
    private DataDirectory? _directory;
    private SessionDatabase? _database;
    private Task _commits = Task.CompletedTask;
    private volatile bool _stopped;
    private Task? _closed;

    public EmbeddedSessionStore(
        IOptions<MessagingOptions> messaging,
        IOptions<EmbeddedOptions> embedded,
        TimeProvider timeProvider,
        ILoggerFactory loggerFactory,
        Func<string, SessionDatabase>? openDatabase = null,
        ContentCipher? cipher = null)
    {
        _messaging = messaging.Value;
        _embedded = embedded.Value;
        _timeProvider = timeProvider;
        _claims = new ClaimIndex(timeProvider);
        _logger = loggerFactory.CreateLogger<EmbeddedSessionStore>();
        _openDatabase = openDatabase ?? (path => new SessionDatabase(path, _embedded.FlushToDisk ? "FULL" : "NORMAL", cipher));
        _committer = new Committer(loggerFactory.CreateLogger<Committer>()) { Publish = Publish, Doubt = Doubt };
        _room = new SemaphoreSlim(_embedded.MaxPendingWrites);
        _gate = new OwnerGate(this, _messaging, timeProvider);
        Attachments = new AttachmentStore(this, _gate, _messaging);
    }

    /// <summary>Ends when the store was closed, or fails with what its writing failed with; then nothing is written any more.</summary>
    public Task Completion => _commits;

    /// <summary>Of how many sessions anything is in memory, those that are only followed included.</summary>
    public int KnownSessions => _slots.Count;

    /// <summary>The number of sessions in memory.</summary>
    public int LoadedSessions => _slots.Values.Count(slot => slot.State is not null);

    /// <summary>The number of entries in memory.</summary>
    public int LoadedEntries => _slots.Values.Sum(slot => slot.State?.View.EntryCount ?? 0);

    /// <summary>Takes the data directory, and brings the sessions into memory that have work left.</summary>
    /// <exception cref="DataDirectoryInUseException">Another process has it.</exception>
    /// <exception cref="StoreUnavailableException">The disk does not give or take what has to be there.</exception>
    public void Open()
    {
        _directory = DataDirectory.Take(_embedded.DataDirectory);
        try
        {
            _database = _openDatabase(_directory.DatabasePath);
            TakeOverJournals();
            foreach (var sessionId in _database.Busy())
            {
                BringInBusy(sessionId);
            }
        }
        catch (Exception exception) when (exception is SqliteException or IOException or UnauthorizedAccessException
            or StoreUnavailableException)
        {
            _database?.Dispose();
            _directory.Dispose();
            throw exception as StoreUnavailableException ?? new StoreUnavailableException(
                $"The sessions in '{_directory.DatabasePath}' can't be opened: the directory has to be readable and to take writes; "
                    + "if the file is damaged, put a backup in its place.",
                exception);
        }

        _commits = Task.Run(CommitAsync);
        LogOpened(_directory.Root, LoadedSessions);
    }

    /// <summary>Writes what is under way, and gives the data directory back.</summary>
    public async ValueTask DisposeAsync()
    {
        Task closed;
        lock (_life)
        {
            closed = _closed ??= CloseAsync();
        }

        await closed;
    }

    /// <summary>Shows that the disk takes writes.</summary>
    /// <exception cref="StoreUnavailableException">It does not.</exception>
    public void Probe()
    {
        ThrowIfClosed();
        try
        {
            _database!.Probe();
        }
        catch (SqliteException exception)
        {
            throw new StoreUnavailableException("The data directory takes no writes.", exception);
        }
    }

    private async Task CloseAsync()
    {
        await _closing.CancelAsync();
        _committer.Complete();
        try
        {
            await _commits;
        }
        finally
        {
            foreach (var slot in _slots.Values)
            {
                CommitBatch? inFlight;
                CommitBatch? open;
                lock (slot.Gate)
                {
                    slot.Announce();
                    (inFlight, open) = (slot.InFlight, slot.Open);
                    slot.Open = null;
                }

                // Nobody writes any more what gathered after a fold or a commit that died: whoever waits for it must hear so.
                inFlight?.Complete(CommitOutcome.Failed);
                open?.Complete(CommitOutcome.Failed);
            }

            _database?.Dispose();
            _directory?.Dispose();
        }
    }

    private async Task CommitAsync()
    {
        try
        {
            await _committer.RunAsync(_database!);
        }
        finally
        {
            // Nobody shall wait for a loop that has ended, whichever way.
            _stopped = true;
            foreach (var slot in _slots.Values)
            {
                lock (slot.Gate)
                {
                    slot.InFlight?.Complete(CommitOutcome.Failed);
                    slot.Open?.Complete(CommitOutcome.Failed);
                }
            }
        }
    }

    /// <summary>Brings a session into memory. Its gate is held.</summary>
    private SessionState? Use(SessionSlot slot)
    {
        slot.LastUsed = _timeProvider.GetUtcNow();
        if (slot.State is not null || (slot.IsRead && slot.Head is null))
        {
            return slot.State;
        }

        try
        {
            if (_database!.Read(slot.SessionId) is { } stored)
            {
                slot.State = Fold([.. stored.Records.Select(record => record.Bytes)], stopAt: null).State;
                slot.Number = stored.Number;
                slot.Length = stored.Records.Sum(record => (long)record.Bytes.Length);
                slot.FoldedLength = stored.Records[0].Bytes.Length;
                Show(slot);
                AddExpiry(slot);
            }

            slot.IsRead = true;
            return slot.State;
        }
        catch (SqliteException exception)
        {
            throw new StoreUnavailableException($"Session {slot.SessionId} can't be read.", exception);
        }
        catch (ContentUnreadableException exception)
        {
            throw new StoreUnavailableException($"Session {slot.SessionId} is encrypted with a key that is not here.", exception);
        }
        catch (JsonException exception)
        {
            // What the version that wrote it can read is not to be thrown away, nor a run's end with it.
            throw new StoreUnavailableException(
                $"Session {slot.SessionId} has a record that this version can't read; a newer one wrote it.", exception);
        }
    }

    /// <summary>Puts the records of a session together, as far as the entry <paramref name="stopAt"/>.</summary>
    /// <returns>What they come to, and how many of them were taken.</returns>
    private (SessionState State, int Count) Fold(IReadOnlyList<byte[]> records, Offset? stopAt)
    {
        var first = RecordCodec.Read(records[0]) as BaseRecord ?? throw new JsonException("not a base");
        var state = new SessionState(first.Session, _messaging.ConversationBytes);
        var count = 1;
        while (count < records.Count && state.Ledger.LastSeq != stopAt)
        {
            state.Replay(RecordCodec.Read(records[count++]));
        }

        return (state, count);
    }

    /// <summary>Notes what readers see of a session. The gate is held.</summary>
    private static void Show(SessionSlot slot)
    {
        slot.Head = slot.State!.View.Head;
        slot.Row = slot.State.View.ToRow();
        slot.FirstEnd = FirstEnd(slot.State.Ledger);
    }

    private static DateTimeOffset? FirstEnd(SessionLedger ledger) => ledger.CutPoints is [var first, ..] ? first.At : null;

    /// <summary>Brings a session into memory that has a run to claim, or one that waits for a person.</summary>
    private void BringInBusy(SessionId sessionId)
    {
        var slot = Find(sessionId, create: true)!;
        lock (slot.Gate)
        {
            try
            {
                Use(slot);
            }
            catch (StoreUnavailableException exception)
            {
                LogUnreadable(exception, sessionId);
                return;
            }

            if (slot.IsClaimable(LeaseNow()))
            {
                _claims.AddReady(slot);
            }

            AddExpiry(slot);
            NoteRuns(slot);
        }
    }

    /// <summary>The place of a session; <c>null</c> where it has none and is not to be made.</summary>
    private SessionSlot? Find(SessionId sessionId, bool create)
    {
        if (_slots.TryGetValue(sessionId, out var found))
        {
            return found;
        }

        if (!create && !IsOnDisk(sessionId))
        {
            return null;
        }

        if (Interlocked.Increment(ref _broughtIn) > _embedded.MaxIdleSessions)
        {
            _retentionDue.Writer.TryWrite(true);
        }

        return _slots.GetOrAdd(sessionId, id => new SessionSlot(id, _freshEpochs.Of(id), _process));
    }

    private bool IsOnDisk(SessionId sessionId)
    {
        try
        {
            return _database!.Contains(sessionId);
        }
        catch (SqliteException exception)
        {
            throw new StoreUnavailableException($"Session {sessionId} can't be looked for.", exception);
        }
    }

    /// <summary>Forgets a session that nobody wrote to and nobody follows. Its gate is held.</summary>
    private void DropIfUnused(SessionSlot slot)
    {
        if (slot is { Head: null, Followers: 0, Open: null, InFlight: null, IsExclusive: false, Removed: false })
        {
            slot.Removed = true;
            _slots.TryRemove(KeyValuePair.Create(slot.SessionId, slot));
        }
    }

    /// <summary>Decides a command under its session's gate, and answers when all that the answer rests on is on disk.</summary>
    /// <param name="sessionId">The session.</param>
    /// <param name="create">Whether the session comes into being with this command.</param>
    /// <param name="absent">The answer where there is no such session.</param>
    /// <param name="command">Decides, and puts its record into the slot.</param>
    /// <param name="cancellationToken">Ends the waiting; what was decided stands.</param>
    private async ValueTask<T> ExecuteAsync<T>(
        SessionId sessionId, bool create, T absent, Func<SessionSlot, DateTimeOffset, T> command, CancellationToken cancellationToken)
    {
        ThrowIfClosed();
        await _room.WaitAsync(cancellationToken);
        try
        {
            while (true)
            {
                ThrowIfClosed();
                if (Find(sessionId, create) is not { } slot)
                {
                    return absent;
                }

                T result;
                Task<CommitOutcome>? commit;
                lock (slot.Gate)
                {
                    // Again, under the gate: what comes later than this the close would not see.
                    ThrowIfClosed();
                    if (slot.Removed)
                    {
                        continue;
                    }

                    if (Use(slot) is null && !create)
                    {
                        DropIfUnused(slot);
                        return absent;
                    }

                    result = command(slot, Now());
                    commit = slot.Uncommitted;
                    _committer.MarkDirty(slot);
                }

                switch (commit is null ? CommitOutcome.Committed : await commit.WaitAsync(cancellationToken))
                {
                    case CommitOutcome.Committed:
                        return result;

                    case CommitOutcome.Failed:
                        throw new StoreUnavailableException($"What was said in session {sessionId} could not be written to disk.");
                }
            }
        }
        finally
        {
            _room.Release();
        }
    }

    /// <summary>Shows readers what has reached the disk. The gate is held.</summary>
    private void Publish(SessionSlot slot, CommitBatch batch)
    {
        var state = slot.State!;
        var ended = false;
        foreach (var record in batch.Records)
        {
            state.View.Apply(record);
            ended |= record.Entries is [.., { Event: RunFinished }];
        }

        Show(slot);
        if (!state.Ledger.Busy)
        {
            // Its lease is not to be looked at when it would have ended.
            slot.SetLease(0, default);
        }

        slot.LastUsed = _timeProvider.GetUtcNow();
        slot.Announce();
        foreach (var runId in batch.Cancelled)
        {
            _signals.AnnounceCancel(slot.SessionId, runId);
        }

        if (slot.IsClaimable(LeaseNow()))
        {
            _claims.AddReady(slot);
            _signals.AnnounceWork();
        }

        if (batch.Records.Exists(record => record is ParkedRecord or ResolvedRecord))
        {
            AddExpiry(slot);
        }

        if (ended && _messaging.ReplayWindow == TimeSpan.Zero)
        {
            _retentionDue.Writer.TryWrite(true);
        }
    }

    /// <summary>
    /// A write has failed, and the disk may have it all the same: whoever looks next begins from there, and readers and workers do look.
    /// The gate is held.
    /// </summary>
    private void Doubt(SessionSlot slot)
    {
        slot.IsRead = false;
        slot.Announce();
        _claims.AddReady(slot);
        _signals.AnnounceWork();
    }

    /// <summary>To the microsecond, as on the wire, so that a replayed entry is the same as the live one.</summary>
    private DateTimeOffset Now()
    {
        var now = _timeProvider.GetUtcNow();
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
    }

    /// <summary>The clock of the leases: one that nobody sets, so that setting the machine's takes no run from its worker.</summary>
    private DateTimeOffset LeaseNow() => DateTimeOffset.UnixEpoch + _timeProvider.GetElapsedTime(0);

    private void ThrowIfClosed()
    {
        if (_directory is null || _stopped || _closing.IsCancellationRequested)
        {
            throw new StoreUnavailableException("The session store is not open.");
        }
    }

    [LoggerMessage(
        Level = LogLevel.Information, Message = "The session store in {Directory} is open: {Unfinished} sessions have runs that go on.")]
    private partial void LogOpened(string directory, int unfinished);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Session {SessionId} can't be read; it is left alone.")]
    private partial void LogUnreadable(Exception exception, SessionId sessionId);
}
