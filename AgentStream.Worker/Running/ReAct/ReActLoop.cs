using System.Runtime.CompilerServices;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;
using AgentStream.Worker.Running.Calls;
using AgentStream.Worker.Running.Checkpoints;
using AgentStream.Worker.Running.Context;
using AgentStream.Worker.Running.Execution;

namespace AgentStream.Worker.Running.ReAct;

/// <summary>
/// Think, call tools, read their results, think again, answer (ReAct, Yao et al. 2022). One instance runs one claim of one run.
/// </summary>
/// <remarks>
/// The loop knows nothing of logs and leases.
/// It says what has to be kept before it goes on, and it can begin anywhere in the middle:
/// its state is the fold of the records it handed out. Everything it does with consequences comes after an output that says so was kept.
/// </remarks>
internal sealed class ReActLoop(RunDescription run, RunControl control, TimeProvider time, ILogger logger)
{
    private readonly RunAttempt _attempt = new(run, control, time);

    /// <summary>W3C trace context of the attempt before this one, where it was traced.</summary>
    public string? PreviousAttempt => _attempt.State.PreviousAttempt;

    /// <summary>
    /// Runs to the end, or until people have to be asked.
    /// The last output is a <see cref="LoopEnd"/> or a <see cref="LoopPark"/>, unless the run was abandoned.
    /// </summary>
    /// <exception cref="OperationCanceledException">The run was abandoned: nothing may be written for it any more.</exception>
    public async IAsyncEnumerable<LoopOutput> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Asked once: what the start has taken back can't be cut off by a cancel that comes right after it.
        var isInDoubt = _attempt.State.IsReplyInDoubt && run.Agent.Own is not { RunsAsAWhole: true, RepeatsLostReply: true };
        var endsNow = _attempt.IsCancelled || isInDoubt;
        yield return Start(endsNow);
        if (_attempt.IsCancelled)
        {
            yield return _attempt.Cancelled(endsNow ? [.. CutOffUnsettled()] : [], null);
            yield break;
        }

        if (isInDoubt)
        {
            yield return _attempt.Failed([.. CutOffUnsettled()], null, RunErrors.InDoubt(run.Agent.Name));
            yield break;
        }

        using var timer = new CancellationTokenSource(_attempt.WallTimeLeft(), time);
        using var wallTime = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, run.Nesting?.WallTime ?? CancellationToken.None);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(wallTime.Token, control.Cancelled, cancellationToken);
        var condenser = new Condenser(run, _attempt.Steps, time, logger);
        var modelTurn = new ModelTurn(_attempt, condenser, time, logger);
        var toolTurn = new ToolTurn(_attempt, control, time, logger);
        var spending = new SpendingGate(_attempt, time);
        while (true)
        {
            var asked = false;
            await foreach (var output in toolTurn.RunAsync(wallTime.Token, stop.Token, cancellationToken)
                .WithCancellation(CancellationToken.None))
            {
                asked = output is LoopPark;
                yield return output;
            }

            if (asked && !_attempt.IsCancelled)
            {
                yield break;
            }

            cancellationToken.ThrowIfCancellationRequested();
            if (Stopped(wallTime.Token) is { } stopped)
            {
                yield return stopped;
                yield break;
            }

            while (!_attempt.IsCancelled && spending.Next() is { } output)
            {
                yield return output;
                cancellationToken.ThrowIfCancellationRequested();
                if (output is LoopEnd || (output is LoopPark && !_attempt.IsCancelled))
                {
                    yield break;
                }
            }

            foreach (var message in run.ReadSteering is { } read ? await read() : [])
            {
                var take = Take(message);
                yield return take;
                if (!take.IsRefused)
                {
                    _attempt.State.Apply(take.Record);
                }
            }

            if (await condenser.MakeRoomAsync(_attempt.State, _attempt.Iteration + 1, refusal: null, stop.Token) is { } condensed)
            {
                yield return condensed;
            }

            cancellationToken.ThrowIfCancellationRequested();
            if (Stopped(wallTime.Token) is { } late)
            {
                yield return late;
                yield break;
            }

            if (run.Agent.Own is { RunsAsAWhole: true, RepeatsLostReply: false })
            {
                // Kept before it begins: what it does then is for it alone to know.
                yield return new LoopCommit([], new ReplyBegun()) { RefuseIfCancelRequested = true };
                cancellationToken.ThrowIfCancellationRequested();
                if (Stopped(wallTime.Token) is { } unbegun)
                {
                    yield return unbegun;
                    yield break;
                }
            }

            LoopEnd? end = null;
            await foreach (var output in modelTurn.RunAsync(wallTime.Token, stop.Token, cancellationToken)
                .WithCancellation(CancellationToken.None))
            {
                end = output as LoopEnd;
                yield return output;
            }

            if (end is not null)
            {
                yield break;
            }
        }
    }

    private LoopCommit Start(bool endsNow)
    {
        List<SessionEvent> events =
        [
            new RunStarted { AgentName = run.Agent.Name, Model = run.Model, Attempt = run.Attempt, TraceId = run.TraceId },
        ];

        RunRecord? record = null;
        // A run that is to end now keeps the text of the lost attempt, as cut off; one that goes on writes it anew.
        if (run.Unsettled.Count > 0 && !endsNow)
        {
            events.Add(
                new StepSuperseded { StepIds = [.. run.Unsettled.Select(step => step.StepId)], Reason = SupersededReason.AttemptLost });
            if (LostReplies.Cost(run, _attempt.State) is { } lost)
            {
                record = lost;
                _attempt.State.Apply(lost);
                events.Add(LostReplies.Report(lost, _attempt.Iteration + 1));
            }
        }

        // A record covers what stands before it: with text that is still to be cut off there is none.
        if (!endsNow && run.Traceparent is { } traceparent)
        {
            record = (record ?? new EmptyRecord()) with { Attempt = traceparent };
        }

        return new LoopCommit(events, record);
    }

    private LoopTake Take(RunRequest message) => new(
        new MessageSteered
        {
            QueuedRunId = message.RunId,
            MessageId = message.MessageId,
            Message = message.Message,
            Iteration = _attempt.Iteration + 1,
        },
        new MessageTaken(message.RunId, PromptBuilder.Words(message)));

    private IEnumerable<SessionEvent> CutOffUnsettled()
        => run.Unsettled.Where(StepFactory.CanBeCutOff).Select(_attempt.Steps.CutOff);

    /// <summary>The reason why the loop can't go on between two replies, if there is one.</summary>
    private LoopEnd? Stopped(CancellationToken wallTime)
    {
        if (_attempt.IsCancelled)
        {
            return _attempt.Cancelled([], null);
        }

        if (wallTime.IsCancellationRequested)
        {
            return _attempt.Failed([], null, RunErrors.WallTime(_attempt.Limits));
        }

        if (_attempt.State.ToolTime > _attempt.Limits.ToolTime)
        {
            return _attempt.Failed([], null, RunErrors.ToolTime(_attempt.Limits));
        }

        if (_attempt.Iteration >= _attempt.MaxIterations)
        {
            return _attempt.Failed([], null, RunErrors.MaxIterations(_attempt.MaxIterations));
        }

        return _attempt.UsedUp ? _attempt.Failed([], null, RunErrors.Tokens(_attempt.Limits)) : null;
    }
}
