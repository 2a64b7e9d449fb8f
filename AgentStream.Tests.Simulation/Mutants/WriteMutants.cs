using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Queue;
using AgentStream.Tests.Simulation.Engine;
using AgentStream.Tests.Simulation.Store;

namespace AgentStream.Tests.Simulation.Mutants;

/// <summary>Bugs that need to know what was written before.</summary>
internal static class WriteMutants
{
    /// <summary>Any lease of a run may write: the real store is told that it is the newest one, whatever the writer counts.</summary>
    public static StoreDecorator ForgetFence(StoreDecorator store) => new Counted(forgetsFence: true, forgetsRepeats: false).Over(store);

    /// <summary>A write that comes again is written again.</summary>
    public static StoreDecorator ForgetRepeats(StoreDecorator store) => new Counted(forgetsFence: false, forgetsRepeats: true).Over(store);

    /// <summary>A write is acknowledged at once, and made a little later.</summary>
    public static StoreDecorator AnswerBeforeWriting(StoreDecorator store, SimWorld world)
    {
        var last = new Dictionary<RunLease, Task>();
        return new Mutant(store)
        {
            Write = (append, write) =>
            {
                var before = last.GetValueOrDefault(append.Lease, Task.CompletedTask);
                world.Begin(last[append.Lease] = WriteLaterAsync(before));
                return ValueTask.FromResult(new AppendResult(AppendStatus.Appended, default, false));

                async Task WriteLaterAsync(Task earlier)
                {
                    await earlier;
                    await world.DelayAsync(null, TimeSpan.FromMilliseconds(200));
                    try
                    {
                        await write(append);
                    }
                    catch (StoreUnavailableException)
                    {
                        // Nobody waits for it.
                    }
                }
            },
        };
    }

    /// <summary>A claim that found nothing gets the last one that found something.</summary>
    public static StoreDecorator HandOutTwice(StoreDecorator store)
    {
        RunClaim? last = null;
        return new Mutant(store)
        {
            Claim = claim =>
            {
                var given = claim ?? last;
                last = claim;
                return given;
            },
        };
    }

    private sealed class Counted(bool forgetsFence, bool forgetsRepeats)
    {
        private readonly Dictionary<SessionId, (RunLease Lease, long Sequence)> _newest = [];
        private readonly Dictionary<RunLease, long> _own = [];

        public Mutant Over(StoreDecorator store) => new Mutant(store)
        {
            Claim = claim =>
            {
                if (claim is not null)
                {
                    _newest[claim.Lease.SessionId] = (claim.Lease, 0);
                }

                return claim;
            },
            Write = WriteAsync,
        };

        private async ValueTask<AppendResult> WriteAsync(RunAppend append, Func<RunAppend, ValueTask<AppendResult>> write)
        {
            var session = append.Lease.SessionId;
            if (!_newest.TryGetValue(session, out var newest) || newest.Lease.RunId != append.Lease.RunId
                || (!forgetsFence && newest.Lease != append.Lease))
            {
                return await write(append);
            }

            var isRepeat = !forgetsRepeats && append.Sequence <= _own.GetValueOrDefault(append.Lease);
            var result = await write(append with { Lease = newest.Lease, Sequence = isRepeat ? newest.Sequence : newest.Sequence + 1 });
            if (result.Status == AppendStatus.Appended && !isRepeat)
            {
                _own[append.Lease] = append.Sequence;
                _newest[session] = newest with { Sequence = newest.Sequence + 1 };
            }

            return result;
        }
    }
}
