using AgentStream.Messaging.Embedded.Scheduling;
using AgentStream.Messaging.Embedded.Storage;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Session;

namespace AgentStream.Messaging.Embedded.Sessions;

/// <summary>The outcome of records that were written together.</summary>
internal enum CommitOutcome
{
    /// <summary>They are on disk and readers see them.</summary>
    Committed,

    /// <summary>The disk did not take them; nothing of them is left.</summary>
    Failed,

    /// <summary>The session was erased before they were written: they have to be decided anew.</summary>
    Erased,
}

/// <summary>Records of one session that go to disk together.</summary>
internal sealed class CommitBatch
{
    private readonly TaskCompletionSource<CommitOutcome> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public List<SessionRecord> Records { get; } = [];

    /// <summary>The same as they are stored.</summary>
    public List<byte[]> Bytes { get; } = [];

    /// <summary>Runs whose workers are to be told to stop, once it stands.</summary>
    public List<RunId> Cancelled { get; } = [];

    public Task<CommitOutcome> Done => _done.Task;

    public void Complete(CommitOutcome outcome) => _done.TrySetResult(outcome);
}

/// <summary>
/// The place of one session while anything of it is in memory: its state while it is in memory, its writes on their way to disk,
/// its lease, and who waits for news.
/// </summary>
/// <remarks>Everything in it belongs to <see cref="Gate"/>, which is never held across an await.</remarks>
internal sealed class SessionSlot(SessionId sessionId, Epoch freshEpoch, string process)
{
    private long _leaseEndTicks;
    private long _leaseToken;
    private TaskCompletionSource? _changed;
    private TaskCompletionSource? _exclusive;

    public Lock Gate { get; } = new();

    public SessionId SessionId => sessionId;

    /// <summary>The epoch of a session that nobody wrote to yet.</summary>
    public Epoch FreshEpoch => freshEpoch;

    /// <summary>Whether it was looked for on disk: before, nothing else here means anything.</summary>
    public bool IsRead { get; set; }

    /// <summary><c>null</c> while it is not in memory, as after a write that failed.</summary>
    public SessionState? State { get; set; }

    /// <summary>As of the last commit; <c>null</c> in a session that nobody wrote to. May be read without the gate.</summary>
    public SessionHead? Head { get; set; }

    /// <summary>Its row in the list as of the last commit.</summary>
    public SessionSummary? Row { get; set; }

    /// <summary>Its number on disk; 0: it is not there.</summary>
    public long Number { get; set; }

    /// <summary>The length of all its records on disk.</summary>
    public long Length { get; set; }

    /// <summary>The length of the first of them, into which all earlier ones were folded.</summary>
    public long FoldedLength { get; set; }

    /// <summary>Erased, or dropped because nobody used it: whoever finds this looks for the session anew.</summary>
    public bool Removed { get; set; }

    public int Followers { get; set; }

    public DateTimeOffset LastUsed { get; set; }

    /// <summary>The end of its oldest replayable run; <c>null</c> where nothing is to be cut.</summary>
    public DateTimeOffset? FirstEnd { get; set; }

    /// <summary>Before when cutting is not tried again, after it failed.</summary>
    public DateTimeOffset NotBefore { get; set; }

    /// <summary>
    /// Whether nobody needs it in memory: no run waits or is under way, nobody follows, and nothing is on its way to disk.
    /// </summary>
    public bool IsIdle
        => this is { Followers: 0, Open: null, InFlight: null, IsExclusive: false, Removed: false }
            && State?.Ledger.Busy != true
            && Row?.Busy != true;

    /// <summary>Gathers what goes to disk next.</summary>
    public CommitBatch? Open { get; set; }

    /// <summary>Is being written.</summary>
    public CommitBatch? InFlight { get; set; }

    /// <summary>Stands in the committer's list.</summary>
    public bool Dirty { get; set; }

    /// <summary>Whether its records are being folded or removed, and nothing may be added.</summary>
    public bool IsExclusive => _exclusive is not null;

    /// <summary>The commit that an answer which rests on the ledger has to wait for; <c>null</c> where all of it is on disk.</summary>
    public Task<CommitOutcome>? Uncommitted => Open?.Done ?? InFlight?.Done;

    /// <summary>The end of the newest claim's lease. In memory only: with the process all its workers are gone.</summary>
    public DateTimeOffset LeaseEnd => new(Interlocked.Read(ref _leaseEndTicks), TimeSpan.Zero);

    /// <summary>The token whose lease <see cref="LeaseEnd"/> is.</summary>
    public long LeaseToken => Interlocked.Read(ref _leaseToken);

    /// <summary>Completes with the next change that readers may see.</summary>
    public Task Changed => (_changed ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>Completes when records may be added again.</summary>
    public Task Shared => _exclusive?.Task ?? Task.CompletedTask;

    /// <summary>Notes the newest claim's lease; <see cref="ClaimIndex"/> looks at it without the gate.</summary>
    public void SetLease(long token, DateTimeOffset end)
    {
        Interlocked.Exchange(ref _leaseEndTicks, end.UtcTicks);
        Interlocked.Exchange(ref _leaseToken, token);
    }

    /// <summary>
    /// Whether a run can be claimed: none is under way and one waits, or nobody holds the one under way, and it waits for nobody.
    /// </summary>
    public bool IsClaimable(DateTimeOffset now)
        => State?.Ledger.State is { } state
            && (state.IsReady || (state.Started is { IsParked: false } run && (run.Known.Token != LeaseToken || now >= LeaseEnd)));

    /// <summary>Changes the ledger at once and puts the record on its way to disk.</summary>
    public void Record(SessionRecord record)
    {
        if (SessionRules.GoOn(State!.Ledger.State, process, record, record.At) is { } renewal)
        {
            Put(renewal);
        }

        Put(record);
    }

    private void Put(SessionRecord record)
    {
        var bytes = RecordCodec.Write(record);
        Open ??= new CommitBatch();
        Open.Bytes.Add(bytes);
        Open.Records.Add(record);
        State!.Ledger.Apply(record);
    }

    public void Announce()
    {
        _changed?.TrySetResult();
        _changed = null;
    }

    public void EnterExclusive() => _exclusive = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void LeaveExclusive()
    {
        _exclusive?.TrySetResult();
        _exclusive = null;
    }
}
