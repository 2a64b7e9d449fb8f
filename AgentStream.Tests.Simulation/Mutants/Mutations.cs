using System.Globalization;
using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;
using AgentStream.Messaging.Transcript;
using AgentStream.Tests.Simulation.Store;

namespace AgentStream.Tests.Simulation.Mutants;

/// <summary>The bugs that are put in on purpose; each has to be found.</summary>
internal static class Mutations
{
    public static IReadOnlyList<Mutation> All { get; } =
    [
        new("a forgotten fence") { Store = (store, _) => WriteMutants.ForgetFence(store) },
        new("a repeated write written again") { Store = (store, _) => WriteMutants.ForgetRepeats(store) },
        new("a write acknowledged before it is made") { Store = WriteMutants.AnswerBeforeWriting },
        new("one run handed to two workers") { Store = (store, _) => WriteMutants.HandOutTwice(store) },
        new("a message known before taken again") { Store = (store, _) => TakeAgain(store) },
        new("a queued message that goes first")
        {
            Store = (store, _) => new Mutant(store)
            {
                Enqueue = request => request.OnBusy == OnBusy.Enqueue ? request with { OnBusy = OnBusy.Interrupt } : request,
            },
        },
        new("a message queued that was to be refused")
        {
            Store = (store, _) => new Mutant(store)
            {
                Enqueue = request => request.OnBusy == OnBusy.Reject ? request with { OnBusy = OnBusy.Enqueue } : request,
            },
        },
        new("a checkpoint not kept") { Store = (store, _) => SkipCheckpoints(store) },
        new("a takeover without checkpoints")
        {
            Store = (store, _) => new Mutant(store) { Claim = claim => claim is null ? null : claim with { Checkpoints = [] } },
        },
        new("a takeover that does not take text back")
        {
            Store = (store, _) => new Mutant(store) { Claim = claim => claim is null ? null : claim with { Unsettled = [] } },
        },
        new("a takeover that nobody makes")
        {
            Store = (store, _) => new Mutant(store) { Claim = claim => claim is { Attempt: > 1 } ? null : claim },
        },
        new("a lease not renewed")
        {
            Store = (store, _) => new Mutant(store) { Renew = (_, _) => ValueTask.FromResult(new RenewResult(true, false)) },
        },
        new("a cancel not looked at") { Store = (store, _) => IgnoreCancel(store) },
        new("a cancel taken and not kept") { Store = (store, _) => LoseCancel(store) },
        new("a refused call executed")
        {
            Store = (store, _) => new Mutant(store)
            {
                Claim = claim => claim is null
                    ? null
                    : claim with { Approvals = [.. claim.Approvals.Select(answer => answer with { Approved = true })] },
            },
        },
        new("an end without what came before it")
        {
            Store = (store, _) => new Mutant(store) { LastWrite = append => append with { Events = [] } },
        },
        new("text written twice") { Store = (store, _) => RepeatText(store) },
        new("a cursor one too far") { Query = query => Move(query, 1) },
        new("a cursor one too short") { Query = query => Move(query, -1) },
        new("a snapshot one too far") { Store = (store, _) => new Mutant(store) { Snapshot = snapshot => Change(snapshot, MoveOn) } },
        new("a snapshot without open text") { Store = (store, _) => new Mutant(store) { Snapshot = snapshot => Change(snapshot, Close) } },
        new("entries that are gone not said to be")
        {
            Store = (store, _) => new Mutant(store)
            {
                Head = head => head with { TrimmedThrough = Offset.Start },
                Read = batch => batch.Resync == ResyncReason.Trimmed ? batch with { Resync = null } : batch,
            },
        },
        new("a log read one entry short")
        {
            Store = (store, _) => new Mutant(store)
            {
                Head = head => head.LastSeq > Offset.Start ? head with { LastSeq = new Offset(head.LastSeq.Value - 1) } : head,
                Read = batch => batch.Entries.Count > 0 ? batch with { Entries = [.. batch.Entries.SkipLast(1)] } : batch,
            },
        },
        new("a disk that forgets")
        {
            Disk = world => world.Draws.Hit("forgets", 0.02) ? DiskFate.Forgotten : DiskFate.Written,
        },
    ];

    private static Mutant TakeAgain(StoreDecorator store)
    {
        var known = new Dictionary<MessageId, int>();
        return new Mutant(store)
        {
            Enqueue = request =>
            {
                var times = known[request.MessageId] = known.GetValueOrDefault(request.MessageId) + 1;
                return times == 1 ? request : request with { MessageId = MessageId.Parse($"{request.MessageId}-{times}") };
            },
        };
    }

    private static Mutant SkipCheckpoints(StoreDecorator store)
    {
        var count = 0;
        return new Mutant(store)
        {
            Write = (append, write) => write(
                append.Checkpoint is not null && ++count % 4 == 0 ? append with { Checkpoint = null } : append),
        };
    }

    private static Mutant RepeatText(StoreDecorator store)
    {
        var count = 0;
        return new Mutant(store)
        {
            Write = (append, write) => write(append with
            {
                Events = [.. append.Events.SelectMany(one => one is StepDelta && ++count % 8 == 0 ? [one, one] : new[] { one })],
            }),
        };
    }

    private static Mutant IgnoreCancel(StoreDecorator store) => new(store)
    {
        Write = async (append, write) => await write(append with { RefuseIfCancelRequested = false }) with { CancelRequested = false },
        Claim = claim => claim is null ? null : claim with { CancelRequested = false },
        Renew = async (_, renew) => await renew() with { CancelRequested = false },
        Passes = signal => signal is not CancelSignal,
    };

    private static Mutant LoseCancel(StoreDecorator store)
    {
        var claimed = new Dictionary<SessionId, RunId>();
        return new Mutant(store)
        {
            Claim = claim =>
            {
                if (claim is not null)
                {
                    claimed[claim.Lease.SessionId] = claim.Lease.RunId;
                }

                return claim;
            },
            Cancel = (sessionId, cancel) => claimed.TryGetValue(sessionId, out var runId)
                ? ValueTask.FromResult(new CancelResult(CancelStatus.Requested, runId))
                : cancel(),
        };
    }

    private static SessionSnapshot Change(SessionSnapshot snapshot, Func<SnapshotData, SnapshotData> change)
        => SessionSnapshot.Of(change(snapshot.Data));

    private static SnapshotData MoveOn(SnapshotData data)
        => data.LastSeq > Offset.Start ? data with { LastSeq = data.LastSeq.Next } : data;

    private static SnapshotData Close(SnapshotData data)
        => data.ActiveRun is { } run ? data with { ActiveRun = run with { OpenSteps = [] } } : data;

    private static string Move(string query, long by)
    {
        const string After = "after=";
        var at = query.IndexOf(After, StringComparison.Ordinal);
        var end = query.IndexOf('&', StringComparison.Ordinal);
        return at >= 0 && end > at && long.TryParse(query.AsSpan(at + After.Length, end - at - After.Length), out var seq) && seq + by >= 0
            ? string.Create(CultureInfo.InvariantCulture, $"?{After}{seq + by}{query[end..]}")
            : query;
    }
}
