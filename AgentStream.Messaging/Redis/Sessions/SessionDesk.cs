using AgentStream.Messaging.Log;
using AgentStream.Messaging.Redis.Commands;
using AgentStream.Messaging.Redis.Connection;
using AgentStream.Messaging.Redis.Following;
using AgentStream.Messaging.Redis.Reading;
using AgentStream.Messaging.Session;
using AgentStream.Messaging.Telemetry;
using Microsoft.Extensions.Logging;

namespace AgentStream.Messaging.Redis.Sessions;

/// <summary>Has commands about sessions decided, and writes what was decided if the session is still what it was decided about.</summary>
internal sealed partial class SessionDesk(
    RedisLink link,
    RedisKeys keys,
    StoreNames names,
    KnownHeads known,
    SessionHints hints,
    RedisOptions options,
    MessagingOptions messaging,
    TimeProvider timeProvider,
    ILogger<SessionDesk> logger)
{
    /// <summary>A session that changes more often than this between reading and writing is reported as an error.</summary>
    private const int MaxTries = 50;

    /// <summary>Reads what a decision about a session needs.</summary>
    public async Task<StoredSession> LoadAsync(SessionId sessionId, ScriptArguments lookups, CancellationToken cancellationToken)
    {
        var session = keys.Of(sessionId);
        var (_, connection) = link.Histories.Get(sessionId);
        var reply = await link.EvaluateAsync(RedisScript.Load, session.All, lookups, cancellationToken);
        return Note(StoredSession.Read(session, reply), connection);
    }

    /// <summary>Decides a command, again and again where others are faster.</summary>
    /// <param name="sessionId">The session.</param>
    /// <param name="command">What it needs, and how it decides.</param>
    /// <param name="cancellationToken">Cancels the waiting; what was decided may stand.</param>
    public async Task<Decided<T>> DecideAsync<T>(SessionId sessionId, SessionCommand<T> command, CancellationToken cancellationToken)
    {
        var told = known.Get(sessionId);

        // A session that nobody here has seen an entry of may be new: what its name is made of comes with what it is.
        var isMaybeNew = command is { Begins: not null, Kept: null } && !(told?.Last > Offset.Start);
        var asked = isMaybeNew ? names.TryAskAsync(sessionId, cancellationToken) : null;
        var stored = command.Kept ?? await LoadAsync(sessionId, command.Lookups, cancellationToken);
        var isKept = command.Kept is not null;
        for (var attempt = 1; attempt <= MaxTries; attempt++)
        {
            if (!isKept && await IsUnsoundAsync(stored, told, command, cancellationToken))
            {
                told = known.Get(sessionId);
                stored = await LoadAsync(sessionId, command.Lookups, cancellationToken);
                continue;
            }

            if (stored.State is null && command.Begins is { } owner)
            {
                var epoch = await names.FreshEpochAsync(sessionId, stored.History, asked, cancellationToken);
                asked = null;
                if (epoch.Value == stored.Gone)
                {
                    // Erased a moment ago, and its next name was not there yet.
                    stored = await LoadAsync(sessionId, command.Lookups, cancellationToken);
                    continue;
                }

                stored = stored with { State = LedgerState.New(epoch, stored.History, owner) };
            }

            var now = Now(stored);
            var (answer, change) = command.Decide(stored, now);
            if (change is null && isKept)
            {
                // What is not written is true of the session as it is, not as it was.
                stored = await LoadAsync(sessionId, command.Lookups, cancellationToken);
                isKept = false;
                continue;
            }

            if (change is null)
            {
                return new Decided<T>(answer, stored, null);
            }

            told = known.Get(sessionId);
            var (reply, write, connection) = await CommitAsync(stored, change, now, command.Lookups, cancellationToken);
            if (reply.Text("status") == "committed")
            {
                known.Observe(sessionId, write.After.State!.Epoch, write.After.State.LastSeq);
                MessagingTelemetry.Tries.Record(attempt, new KeyValuePair<string, object?>("agentstream.command", command.Name));
                return new Decided<T>(answer, write.After, reply);
            }

            stored = Note(StoredSession.Read(stored.Keys, reply), connection);
            isKept = false;
        }

        throw new StoreUnavailableException($"Session {sessionId} changes too fast.");
    }

    /// <summary>The time, of the store's clock as it was heard last.</summary>
    private DateTimeOffset Now(StoredSession stored)
    {
        // To the microsecond, as on the wire.
        var now = timeProvider == TimeProvider.System ? stored.ServerNow : timeProvider.GetUtcNow();
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
    }

    /// <summary>Gives a session that lost data a new epoch. False: there is nothing to mend.</summary>
    /// <param name="sessionId">The session.</param>
    /// <param name="told">How far this process was told that it goes.</param>
    /// <param name="cancellationToken">Cancels the asking.</param>
    public async Task<bool> MendAsync(SessionId sessionId, (Epoch Epoch, Offset Last) told, CancellationToken cancellationToken)
    {
        var mended = await DecideAsync(
            sessionId,
            new SessionCommand<(bool IsLost, Offset Last)>
            {
                Name = "mend",
                IsMending = true,
                Decide = (stored, now) => stored.State is { } state && state.Epoch == told.Epoch && state.LastSeq < told.Last
                    ? ((true, state.LastSeq), new SessionChange
                    {
                        Record = new EpochRecord { At = now, Epoch = Epoch.New(), Process = stored.History, EndsLease = true },
                    })
                    : ((false, default), null),
            },
            cancellationToken);
        if (mended.Stored.State is null)
        {
            if (await names.FreshEpochAsync(sessionId, mended.Stored.History, cancellationToken) != told.Epoch)
            {
                return false;
            }

            // Nothing is left of it, and the name of its fresh epoch is one that clients know entries of.
            await names.RenewAsync(sessionId, cancellationToken);
        }
        else if (!mended.Answer.IsLost)
        {
            return false;
        }

        known.Forget(sessionId);
        LogLost(sessionId, told.Last, mended.Answer.Last);
        return true;
    }

    private async Task<(ScriptReply Reply, SessionWrite Write, int Connection)> CommitAsync(
        StoredSession stored, SessionChange change, DateTimeOffset now, ScriptArguments lookups, CancellationToken cancellationToken)
    {
        var sessionId = stored.Keys.SessionId;
        var state = stored.State!;
        var renewal = stored.Version.Length > 0 ? SessionRules.GoOn(state, stored.History, change.Record, now) : null;
        var write = SessionWrite.Of(stored, change, renewal, options.SessionRetention, messaging.ConversationBytes);
        var (heard, connection) = link.Histories.Get(sessionId);
        if (heard != stored.History && stored.History.Length > 0)
        {
            // Whoever has had its connection since it heard of the history need not ask for it again.
            write.Arguments.Add("history", stored.History);
        }

        // Hints go first: a process that dies in between leaves one too many, never one too few. They cost no round trip of their own.
        var hinting = hints.GiveAsync(sessionId, state, write, now, cancellationToken);
        try
        {
            var arguments = write.Arguments.Seal(link.Cipher).Add(lookups);
            var reply = await link.EvaluateAsync(RedisScript.Commit, write.Keys, arguments, cancellationToken);
            return (reply, write, connection);
        }
        finally
        {
            await hinting;
        }
    }

    /// <summary>Whether Redis has less of a session than it once told this process. Then it is mended.</summary>
    private async Task<bool> IsUnsoundAsync<T>(
        StoredSession stored, (Epoch Epoch, Offset Last)? told, SessionCommand<T> command, CancellationToken cancellationToken)
        => !command.IsMending
            && told is { } head
            && head.Last > Offset.Start
            && (stored.State is { } state ? state.Epoch == head.Epoch && state.LastSeq < head.Last : command.Begins is not null)
            && await MendAsync(stored.Keys.SessionId, head, cancellationToken);

    private StoredSession Note(StoredSession stored, int connection)
    {
        link.Histories.Note(stored.Keys.SessionId, stored.History, connection);
        return stored;
    }

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "Redis lost entries of session {SessionId}: it had {Known}, now it has {Found}. The session goes on under a new epoch, "
            + "and its readers start from what is left.")]
    private partial void LogLost(SessionId sessionId, Offset known, Offset found);
}

/// <summary>A command about a session.</summary>
internal sealed record SessionCommand<T>
{
    /// <summary>What people who watch call it.</summary>
    public required string Name { get; init; }

    /// <summary>The names of what it needs beside the state; see <c>session.lua</c>.</summary>
    public ScriptArguments Lookups { get; init; } = new();

    /// <summary>
    /// The session as this process wrote it last: it need not be read where nobody else has written. <c>null</c>: it is read.
    /// </summary>
    public StoredSession? Kept { get; init; }

    /// <summary>Who owns the session if it comes into being with this; <c>null</c>: it does not.</summary>
    public PrincipalId? Begins { get; init; }

    /// <summary>It looks for entries that were lost itself.</summary>
    public bool IsMending { get; init; }

    /// <summary>The answer, and the change that has to be written for it to be true.</summary>
    public required Func<StoredSession, DateTimeOffset, (T Answer, SessionChange? Change)> Decide { get; init; }
}

/// <summary>What was decided.</summary>
/// <param name="Answer">The answer.</param>
/// <param name="Stored">The session after it.</param>
/// <param name="Reply">Redis's reply to the write; <c>null</c>: nothing was written.</param>
internal sealed record Decided<T>(T Answer, StoredSession Stored, ScriptReply? Reply);
