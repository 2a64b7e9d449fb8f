using AgentStream.Messaging.Encryption;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Owners;
using AgentStream.Messaging.Search;
using Microsoft.Data.Sqlite;

namespace AgentStream.Messaging.Embedded.Storage;

/// <summary>
/// The sessions on disk: their records, and a row of each for the list. A SQLite database, see docs/decisions/0002-embedded-store.md.
/// </summary>
/// <remarks>
/// One connection writes and one reads, so that reading waits for no fsync. Failures are <see cref="SqliteException"/>.
/// Virtual where tests make the disk fail.
/// </remarks>
internal partial class SessionDatabase : IDisposable
{
    private const long Version = 1;

    private const string Schema = """
        CREATE TABLE sessions (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            owner TEXT NOT NULL,
            title TEXT NOT NULL,
            folded_title TEXT NOT NULL, -- as searched in
            created INTEGER NOT NULL,   -- this and other times: UTC ticks
            updated INTEGER NOT NULL,
            last_seq INTEGER NOT NULL,
            messages INTEGER NOT NULL,
            busy INTEGER NOT NULL,
            first_end INTEGER           -- the end of its oldest run whose entries are still in the log
        ) STRICT;
        CREATE INDEX sessions_by_change ON sessions (owner, updated, id);
        CREATE INDEX sessions_busy ON sessions (id) WHERE busy = 1;
        CREATE INDEX sessions_ended ON sessions (first_end, id) WHERE first_end IS NOT NULL;

        -- In the order in which they were written: what many sessions write at once lies together, and touches few pages.
        CREATE TABLE records (number INTEGER PRIMARY KEY, session INTEGER NOT NULL, bytes BLOB NOT NULL) STRICT;
        CREATE INDEX records_of_session ON records (session);
        CREATE TABLE probe (at INTEGER NOT NULL) STRICT;
        PRAGMA user_version = 1;
        """;

    /// <summary>What came later. A version that does not know it leaves it alone.</summary>
    private const string Added = """
        CREATE TABLE IF NOT EXISTS spent (
            day INTEGER NOT NULL,       -- counted from 1 January of the year 1, UTC
            owner TEXT NOT NULL,
            run TEXT NOT NULL,
            tokens INTEGER NOT NULL,
            nanos INTEGER NOT NULL,     -- billionths of the currency that prices are in
            PRIMARY KEY (day, owner, run)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS erased (id TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT;

        -- By the name of their session, which may not be there yet.
        CREATE TABLE IF NOT EXISTS attachments (
            session TEXT NOT NULL,
            id TEXT NOT NULL,
            owner TEXT NOT NULL,        -- who added it
            info BLOB NOT NULL,
            size INTEGER NOT NULL,      -- 0 until all of it is there
            added INTEGER NOT NULL,     -- UTC ticks
            sent INTEGER NOT NULL,      -- whether a message has named it
            PRIMARY KEY (session, id)
        ) STRICT;
        CREATE INDEX IF NOT EXISTS attachments_of_owner ON attachments (owner);
        CREATE INDEX IF NOT EXISTS attachments_unsent ON attachments (added) WHERE sent = 0;
        CREATE TABLE IF NOT EXISTS attachment_parts (
            session TEXT NOT NULL,
            id TEXT NOT NULL,
            number INTEGER NOT NULL,
            bytes BLOB NOT NULL,
            PRIMARY KEY (session, id, number)
        ) STRICT;
        """;

    private readonly Lock _writing = new();
    private readonly Lock _reading = new();
    private readonly SqliteStatements _writer;
    private readonly SqliteStatements _reader;
    private readonly ContentCipher _cipher;

    /// <param name="path">The file.</param>
    /// <param name="synchronous">
    /// What SQLite waits for: <c>FULL</c> for the disk with each commit, <c>NORMAL</c> only where the file could be damaged otherwise.
    /// </param>
    /// <param name="cipher">Encrypts what is kept; <c>null</c>: nobody does.</param>
    /// <exception cref="StoreUnavailableException">A newer version wrote it.</exception>
    public SessionDatabase(string path, string synchronous, ContentCipher? cipher = null)
    {
        _cipher = cipher ?? ContentCipher.None;

        // Each page that a commit touches goes to the log whole, and one for many sessions touches many places of the index:
        // with pages of 4 kB, and a checkpoint after each thousand of them, appends of 64 runs were 0.6 to 0.9 times as fast.
        // What is erased is overwritten with zeros. Temporary files would hold what was said, too.
        var settings = "PRAGMA page_size = 1024; PRAGMA wal_autocheckpoint = 8000; "
            + $"PRAGMA journal_mode = WAL; PRAGMA synchronous = {synchronous}; PRAGMA secure_delete = ON; "
            + "PRAGMA temp_store = MEMORY; PRAGMA journal_size_limit = 16777216;";
        _writer = new SqliteStatements(path, settings);
        try
        {
            var version = _writer.Scalar("PRAGMA user_version");
            if (version > Version)
            {
                throw new StoreUnavailableException($"'{path}' was written by a newer version of AgentStream; start that one.");
            }

            if (version == 0)
            {
                _writer.Run($"BEGIN IMMEDIATE; {Schema} COMMIT;");
            }

            _writer.Run(Added);
            _reader = new SqliteStatements(path, settings);
        }
        catch
        {
            _writer.Dispose();
            throw;
        }
    }

    /// <summary>Writes what gathered in sessions, all of it or nothing, and waits for the disk.</summary>
    public void Commit(IReadOnlyList<SessionWrite> writes)
        => Write(() =>
        {
            foreach (var write in writes)
            {
                Put(write);
            }
        });

    /// <summary>Puts a base in the place of a session's records up to one of them.</summary>
    /// <param name="number">The session's number.</param>
    /// <param name="through">The last record that is folded into the base, and whose place it takes.</param>
    /// <param name="bytes">The base.</param>
    public void Fold(long number, long through, byte[] bytes)
        => Write(() =>
        {
            _writer.Run("DELETE FROM records WHERE session = $1 AND number <= $2", number, through);
            _writer.Run("INSERT INTO records VALUES ($1, $2, $3)", through, number, _cipher.Seal(bytes));
        });

    /// <summary>
    /// Removes all of a session, from the files, too, and remembers that it did, for <see cref="IErasures.Remembered"/>.
    /// False: there is none.
    /// </summary>
    public bool Erase(SessionId sessionId, DateTimeOffset at)
    {
        var any = false;
        Write(() =>
        {
            if (_writer.Scalar("SELECT number FROM sessions WHERE id = $1", sessionId.Value) is { } number)
            {
                _writer.Run("DELETE FROM records WHERE session = $1", number);
                _writer.Run("DELETE FROM attachments WHERE session = $1", sessionId.Value);
                _writer.Run("DELETE FROM attachment_parts WHERE session = $1", sessionId.Value);
                _writer.Run("DELETE FROM sessions WHERE number = $1", number);
                _writer.Run("DELETE FROM erased WHERE at < $1", (at - IErasures.Remembered).UtcTicks);
                _writer.Run("INSERT OR REPLACE INTO erased VALUES ($1, $2)", sessionId.Value, at.UtcTicks);
                any = true;
            }
        });
        return any;
    }

    /// <summary>When a session was erased; <c>null</c>: it was not, or long ago.</summary>
    public DateTimeOffset? ErasedAt(SessionId sessionId)
    {
        lock (_reading)
        {
            return _reader.Scalar("SELECT at FROM erased WHERE id = $1", sessionId.Value) is { } ticks
                ? new DateTimeOffset(ticks, TimeSpan.Zero)
                : null;
        }
    }

    /// <summary>Empties the write-ahead log, in which there is still what was erased. False: another process reads.</summary>
    public bool Checkpoint()
    {
        lock (_writing)
        {
            lock (_reading)
            {
                return _writer.Scalar("PRAGMA wal_checkpoint(TRUNCATE)") == 0;
            }
        }
    }

    /// <summary>Shows that writes get through.</summary>
    public void Probe()
        => Write(() =>
        {
            _writer.Run("DELETE FROM probe");
            _writer.Run("INSERT INTO probe VALUES ($1)", Environment.TickCount64);
        });

    public bool Contains(SessionId sessionId)
    {
        lock (_reading)
        {
            return _reader.Scalar("SELECT number FROM sessions WHERE id = $1", sessionId.Value) is not null;
        }
    }

    /// <summary>The records of a session in order; <c>null</c> where there is none.</summary>
    /// <exception cref="System.Text.Json.JsonException">It is encrypted, and its key is not here.</exception>
    public StoredSession? Read(SessionId sessionId)
    {
        lock (_reading)
        {
            if (_reader.Scalar("SELECT number FROM sessions WHERE id = $1", sessionId.Value) is not { } number)
            {
                return null;
            }

            return new StoredSession(number, _reader.Query(
                "SELECT number, bytes FROM records WHERE session = $1 ORDER BY number",
                row => new StoredRecord(row.GetInt64(0), _cipher.Open((byte[])row[1])),
                number));
        }
    }

    /// <summary>The sessions with runs that wait or are under way, in the order of their ids, after one of them.</summary>
    public IReadOnlyList<SessionId> Busy(string after = "", int limit = int.MaxValue, string owner = "")
    {
        lock (_reading)
        {
            return _reader.Query(
                "SELECT id FROM sessions WHERE busy = 1 AND id > $1 AND ($3 = '' OR owner = $3) ORDER BY id LIMIT $2",
                row => SessionId.Parse(row.GetString(0)),
                after, limit, owner);
        }
    }

    /// <summary>Sessions of which a run ended by a time and whose entries are still there, after one of them.</summary>
    public IReadOnlyList<EndedSession> Ended(DateTimeOffset by, EndedSession after, int limit)
    {
        lock (_reading)
        {
            return _reader.Query(
                "SELECT first_end, id FROM sessions WHERE first_end <= $1 AND (first_end, id) > ($2, $3) ORDER BY first_end, id LIMIT $4",
                row => new EndedSession(row.GetInt64(0), row.GetString(1)),
                by.UtcTicks, after.FirstEnd, after.SessionId, limit);
        }
    }

    /// <summary>The number of an owner's sessions.</summary>
    public long Count(PrincipalId owner)
    {
        lock (_reading)
        {
            return _reader.Scalar("SELECT count(*) FROM sessions WHERE owner = $1", owner.Value) ?? 0;
        }
    }

    /// <summary>The length of all records of an owner's sessions, and of the attachments that they added.</summary>
    public long Measure(PrincipalId owner)
    {
        lock (_reading)
        {
            return _reader.Scalar(
                "SELECT (SELECT coalesce(sum(length(bytes)), 0) FROM records "
                    + "WHERE session IN (SELECT number FROM sessions WHERE owner = $1)) "
                    + "+ (SELECT coalesce(sum(size), 0) FROM attachments WHERE owner = $1)",
                owner.Value) ?? 0;
        }
    }

    /// <summary>What an owner's runs have used that ended on a day.</summary>
    public Spending Spent(PrincipalId owner, DateOnly day)
    {
        lock (_reading)
        {
            return _reader.Query(
                "SELECT coalesce(sum(tokens), 0), coalesce(sum(nanos), 0) FROM spent WHERE day = $1 AND owner = $2",
                row => new Spending(row.GetInt64(0), row.GetInt64(1)),
                day.DayNumber, owner.Value)[0];
        }
    }

    /// <summary>One page of the list.</summary>
    public SessionPage List(SessionQuery query)
    {
        var search = SearchText.Fold(query.Search ?? "");

        // The database can't look into titles that are encrypted: then they are looked through here.
        var isHidden = search.Length > 0 && _cipher.HasKeys;
        var page = new List<SessionSummary>();
        var after = ListPosition.After(query) ?? new ListPosition(long.MaxValue, "");
        while (true)
        {
            var some = ReadList(query, after, isHidden ? "" : search);
            page.AddRange(some.Where(
                session => !isHidden || SearchText.Fold(session.Title).Contains(search, StringComparison.Ordinal)));
            if (page.Count > query.Limit || some.Count <= query.Limit)
            {
                break;
            }

            after = new ListPosition(some[^1].UpdatedAt.UtcTicks, some[^1].SessionId.Value);
        }

        // One more than asked for tells whether there is a next page.
        if (page.Count <= query.Limit)
        {
            return new SessionPage(page, null);
        }

        page.RemoveRange(query.Limit, page.Count - query.Limit);
        return new SessionPage(page, new ListPosition(page[^1].UpdatedAt.UtcTicks, page[^1].SessionId.Value).ToToken());
    }

    /// <summary>Waits for what is being read and written. Whoever comes later is told as of any other failure.</summary>
    public void Dispose()
    {
        lock (_writing)
        {
            lock (_reading)
            {
                _reader.Dispose();
                _writer.Dispose();
            }
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>Makes a change, all of it or nothing.</summary>
    protected virtual void Write(Action change)
    {
        lock (_writing)
        {
            _writer.Run("BEGIN IMMEDIATE");
            try
            {
                change();
                _writer.Run("COMMIT");
            }
            catch
            {
                RollBack();
                throw;
            }
        }
    }

    // What goes on in a busy session is for the store to say, which has it in memory.
    private SessionSummary Summary(SqliteDataReader row) => new()
    {
        SessionId = SessionId.Parse(row.GetString(0)),
        Owner = PrincipalId.Parse(row.GetString(1)),
        Title = TitleOf(row.GetString(2)),
        CreatedAt = new DateTimeOffset(row.GetInt64(3), TimeSpan.Zero),
        UpdatedAt = new DateTimeOffset(row.GetInt64(4), TimeSpan.Zero),
        LastSeq = new Offset(row.GetInt64(5)),
        Messages = row.GetInt32(6),
        Busy = row.GetBoolean(7),
        State = SessionActivities.Listed(row.GetBoolean(7)),
    };

    private List<SessionSummary> ReadList(SessionQuery query, ListPosition after, string search)
    {
        lock (_reading)
        {
            return _reader.Query(
                "SELECT id, owner, title, created, updated, last_seq, messages, busy FROM sessions "
                    + "WHERE owner = $1 AND (updated, id) < ($2, $3) AND ($4 = '' OR instr(folded_title, $4)) "
                    + "ORDER BY updated DESC, id DESC LIMIT $5",
                Summary,
                query.Owner.Value, after.At, after.SessionId, search, query.Limit + 1);
        }
    }

    private string TitleOf(string kept)
    {
        try
        {
            return _cipher.OpenText(kept);
        }
        catch (ContentUnreadableException)
        {
            // It is in the list all the same: whoever opens it is told.
            return "";
        }
    }

    private void RollBack()
    {
        try
        {
            _writer.Run("ROLLBACK");
        }
        catch (SqliteException)
        {
            // Some failures have rolled back already.
        }
    }

    private void Put(SessionWrite write)
    {
        var row = write.Row;
        if (write.Number == 0)
        {
            write.Number = _writer.Scalar(
                "INSERT INTO sessions (id, owner, title, folded_title, created, updated, last_seq, messages, busy) "
                    + "VALUES ($1, $2, '', '', $3, 0, 0, 0, 0) RETURNING number",
                row.SessionId.Value, row.Owner.Value, row.CreatedAt.UtcTicks)!.Value;
        }

        if (write.TitleIsNew)
        {
            _writer.Run(
                "UPDATE sessions SET title = $2, folded_title = $3 WHERE number = $1",
                write.Number, _cipher.SealText(row.Title), _cipher.Encrypts ? "" : SearchText.Fold(row.Title));
        }

        _writer.Run(
            "UPDATE sessions SET updated = $2, last_seq = $3, messages = $4, busy = $5, first_end = $6 WHERE number = $1",
            write.Number, row.UpdatedAt.UtcTicks, row.LastSeq.Value, row.Messages, row.Busy, write.FirstEnd?.UtcTicks);
        foreach (var record in write.Records)
        {
            _writer.Run("INSERT INTO records (session, bytes) VALUES ($1, $2)", write.Number, _cipher.Seal(record));
        }

        foreach (var id in write.Sent)
        {
            _writer.Run("UPDATE attachments SET sent = 1 WHERE session = $1 AND id = $2", row.SessionId.Value, id.Value);
        }

        foreach (var run in write.Spent)
        {
            // Today's and yesterday's are of use.
            _writer.Run("DELETE FROM spent WHERE day < $1", run.Day.DayNumber - 1);
            _writer.Run(
                "INSERT OR REPLACE INTO spent VALUES ($1, $2, $3, $4, $5)",
                run.Day.DayNumber, row.Owner.Value, run.RunId.Value, run.Spending.Tokens, run.Spending.Nanos);
        }
    }
}
