using System.Runtime.CompilerServices;
using System.Threading.Channels;
using AgentStream.Messaging.Protocol;
using AgentStream.Worker.Running.Checkpoints;
using AgentStream.Worker.Running.Delegation;
using AgentStream.Worker.Running.ReAct;
using AgentStream.Worker.Tools;

namespace AgentStream.Worker.Running.Calls;

/// <summary>Makes the calls of the model's last reply, after the questions that come before them.</summary>
internal sealed class ToolTurn
{
    private readonly RunAttempt _attempt;
    private readonly TimeProvider _time;
    private readonly ToolCaller _tools;
    private readonly ApprovalGate _gate;
    private readonly SubAgentCall _subAgent;

    public ToolTurn(RunAttempt attempt, RunControl control, TimeProvider time, ILogger logger)
    {
        _attempt = attempt;
        _time = time;
        _tools = new ToolCaller(attempt.Run.Agent, time, logger);
        _gate = new ApprovalGate(attempt.Run.Agent, _tools, attempt.Run.Approvals, time);
        _subAgent = new SubAgentCall(attempt, _tools, control, time, logger);
    }

    /// <summary>Brings every call of the last reply to its result. Does nothing where none is open.</summary>
    public async IAsyncEnumerable<LoopOutput> RunAsync(
        CancellationToken wallTime, CancellationToken stop, [EnumeratorCancellation] CancellationToken abandoned)
    {
        var calls = _attempt.State.OpenCalls.ToList();
        if (calls.Count == 0 || _attempt.Iteration >= _attempt.MaxIterations)
        {
            // Without another reply to come nobody would read the results.
            yield break;
        }

        foreach (var call in calls.Where(InDoubt).ToList())
        {
            calls.Remove(call);
            yield return _attempt.Result(_gate.Final(call), new ToolOutcome(
                "The worker was lost while this call ran. It is not known whether it took effect, and it was not repeated. Check before "
                    + "trying again.")
            {
                IsError = true,
                InDoubt = true,
            });
        }

        foreach (var call in _attempt.State.CallsBeyond(_attempt.Limits.ToolCallsPerReply).ToList())
        {
            calls.Remove(call);
            yield return _attempt.Result(call, new ToolOutcome(
                $"This call was not executed: one reply may make {_attempt.Limits.ToolCallsPerReply} calls. Ask for it again in your next "
                    + "reply, if you still need it.")
            {
                IsError = true,
            });
        }

        foreach (var call in calls.ToList())
        {
            var begun = _attempt.State.IsIntended(call.Id);
            if (_gate.RefusalOf(call, begun) is { } refusal)
            {
                calls.Remove(call);
                yield return begun ? _attempt.Result(call, refusal) : Refused(call, refusal);
            }
        }

        // Nothing of a reply begins before all its questions are answered: its calls keep their order,
        // and people see all that is asked at once.
        // A call that a lost attempt began unasked, under another configuration, is repeated only with leave;
        // another agent's work is gone on with, not repeated.
        var questions = calls.Where(call => _gate.MustAsk(call) && !(_attempt.State.IsIntended(call.Id) && IsDelegation(call))).ToList();
        if (questions.Count > 0)
        {
            if (!stop.IsCancellationRequested)
            {
                yield return new LoopPark([.. questions.Select(_gate.Question)], null, _attempt.Finished(RunStatus.Cancelled));
            }

            yield break;
        }

        calls = calls.ConvertAll(_gate.Final);

        // Side by side only where every one of them may: then their order means nothing.
        var batches = calls.Count > 1 && calls.TrueForAll(call => _tools.Find(call.Name) is { IsConcurrencySafe: true })
            ? [calls]
            : calls.Select(call => new List<RecordedCall> { call });
        foreach (var batch in batches)
        {
            var parked = false;
            await foreach (var output in CallBatchAsync(batch, wallTime, stop, abandoned).WithCancellation(CancellationToken.None))
            {
                parked = output is LoopPark;
                yield return output;
            }

            if (parked || stop.IsCancellationRequested || _attempt.State.ToolTime > _attempt.Limits.ToolTime)
            {
                yield break;
            }
        }
    }

    /// <summary>Begun by an attempt that is lost, not known to be done, and not to be done twice.</summary>
    private bool InDoubt(RecordedCall call) => _attempt.State.IsIntended(call.Id) && _tools.Find(call.Name) is not { IsIdempotent: true };

    private async IAsyncEnumerable<LoopOutput> CallBatchAsync(
        List<RecordedCall> batch, CancellationToken wallTime, CancellationToken stop, [EnumeratorCancellation] CancellationToken abandoned)
    {
        if (stop.IsCancellationRequested)
        {
            // What does not begin any more must not look as if it had.
            yield break;
        }

        // The others the attempt that was lost has said already, with these arguments.
        var unsaid = batch.Where(
            call => !_attempt.State.IsIntended(call.Id) || call.Arguments != (_attempt.State.EditOf(call.Id) ?? OriginalOf(call).Arguments))
                .ToList();
        if (unsaid.Count > 0)
        {
            var edits = unsaid.Where(call => call != OriginalOf(call)).Select(call => new EditedCall(call.Id, call.Arguments)).ToList();
            var uses = unsaid.ConvertAll(call => _attempt.Steps.ToolUse(call, _attempt.Iteration));
            var intent = new CallsIntended([.. unsaid.Select(call => call.Id)]) { Edits = edits.Count > 0 ? edits : null };
            if (IsDelegation(unsaid[0]))
            {
                // As if nobody had waited for people before: the whole run's waiting is taken off again.
                intent = intent with { DelegatedAt = _time.GetUtcNow() - _attempt.Run.Parked, DelegatedIn = uses[0].StepId };
            }

            yield return new LoopCommit(uses, intent) { RefuseIfCancelRequested = true };
            _attempt.State.Apply(intent);
        }

        if (stop.IsCancellationRequested)
        {
            yield break;
        }

        if (IsDelegation(batch[0]))
        {
            await foreach (var output in _subAgent.RunAsync(batch[0], wallTime, abandoned).WithCancellation(CancellationToken.None))
            {
                yield return output;
            }

            yield break;
        }

        // Of each call at most one word that it has something to say, and one that it is done.
        var news = Channel.CreateBounded<RunningCall>(2 * batch.Count);
        using var left = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var running = batch.ConvertAll(
            call => CallAsync(new RunningCall(call, _attempt.Limits.ToolResultCharacters, news.Writer), news.Writer, left.Token));
        try
        {
            for (var open = batch.Count; open > 0;)
            {
                var call = await news.Reader.ReadAsync(CancellationToken.None);
                var outcome = call.TakeOutcome();
                if (call.TakeDelta(_attempt.Steps, _attempt.Iteration) is { } delta)
                {
                    yield return new LoopDelta(delta);
                }

                if (outcome is not null)
                {
                    open--;
                    yield return _attempt.Result(call.Call, outcome, call.StepId) with { MayBeHandedBack = open == 0 };
                }
            }
        }
        finally
        {
            await left.CancelAsync();
            await Task.WhenAll(running);
        }
    }

    /// <summary>Such a call has a batch of its own: it is not safe beside others.</summary>
    private bool IsDelegation(RecordedCall call) => DelegateTool.Is(_tools.Find(call.Name));

    private async Task CallAsync(RunningCall running, ChannelWriter<RunningCall> news, CancellationToken stop)
    {
        var call = running.Call;
        try
        {
            var context = new ToolContext(_attempt.Run.Request.SessionId.Value, _attempt.RunId.Value, call.Id.Value)
            {
                Owner = _attempt.Run.Request.Owner.Value,
                Output = running.Output,
            };
            var outcome = _gate.ResultOf(call)
                ?? (_tools.TryPrepare(call, out var tool, out var arguments, out var refusal)
                    ? await _tools.CallAsync(tool!, arguments!, context, stop)
                    : refusal!);
            running.Finish(outcome);
        }
        catch (Exception exception)
        {
            // Whoever waits for this result gets the reason instead, and does not wait for ever.
            news.TryComplete(exception);
        }
    }

    private RecordedCall OriginalOf(RecordedCall call) => _attempt.State.Replies[^1].Calls.First(original => original.Id == call.Id);

    /// <summary>A call that a person did not want is said in one piece: nothing of it ever begins.</summary>
    private LoopCommit Refused(RecordedCall call, ToolOutcome refusal)
    {
        var result = _attempt.Result(call, refusal);
        return result with { Events = [_attempt.Steps.ToolUse(call, _attempt.Iteration), .. result.Events] };
    }
}
