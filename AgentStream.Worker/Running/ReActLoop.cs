using System.Runtime.CompilerServices;
using System.Threading.Channels;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;
using AgentStream.Worker.Agents;
using AgentStream.Worker.Models;
using AgentStream.Worker.Running.Checkpoints;
using AgentStream.Worker.Running.Context;
using AgentStream.Worker.Running.Delegation;
using AgentStream.Worker.Telemetry;
using AgentStream.Worker.Tools;
using AgentStream.Worker.Tools.Output;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Running;

/// <summary>
/// Think, call tools, read their results, think again, answer (ReAct, Yao et al. 2022). One instance runs one claim of one run.
/// </summary>
/// <remarks>
/// The loop knows nothing of logs and leases. It says what has to be kept before it goes on, and it can begin anywhere in the middle: its state is the
/// fold of the records it handed out. Everything it does with consequences comes after an output that says so was kept.
/// </remarks>
internal sealed partial class ReActLoop(RunDescription run, RunControl control, TimeProvider time, ILogger logger)
{
    /// <summary>Calls in one reply beyond which it is taken for nonsense rather than for zeal.</summary>
    private const int MaxCalls = 1_000;

    private readonly RunState _state = run.Nesting?.State ?? RunState.From(run.Claim.Checkpoints);
    private readonly StepFactory _steps = run.Nesting?.Steps ?? new(run.Claim.Lease.RunId, run.Claim.Claim, run.Agent.Name, time);
    private readonly ToolCaller _tools = new(run.Agent, time, logger);
    private readonly ApprovalGate _gate = new(run.Agent, new ToolCaller(run.Agent, time, logger), run.Claim.Approvals, time);

    /// <summary>W3C trace context of the attempt before this one, where it was traced.</summary>
    public string? PreviousAttempt => _state.PreviousAttempt;

    private AgentLimits Limits => run.Agent.Limits;

    private int MaxIterations => Math.Min(run.Request.MaxIterations, Limits.MaxIterations);

    private RunId RunId => run.Claim.Lease.RunId;

    private ToolCallId CallId(int iteration, int index)
        => run.Nesting is { } nesting ? ToolCallId.Create(nesting.Call, iteration, index) : ToolCallId.Create(RunId, iteration, index);

    /// <summary>Runs to the end, or until people have to be asked. The last output is a <see cref="LoopEnd"/> or a <see cref="LoopPark"/>, unless the run was abandoned.</summary>
    /// <exception cref="OperationCanceledException">The run was abandoned: nothing may be written for it any more.</exception>
    public async IAsyncEnumerable<LoopOutput> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Asked once: what the start has taken back can't be cut off by a cancel that comes right behind it.
        var endsNow = IsCancelled;
        yield return Start(endsNow);
        if (IsCancelled)
        {
            yield return Cancelled(endsNow ? [.. CutOffUnsettled()] : [], null);
            yield break;
        }

        using var wallTime = new CancellationTokenSource(Remaining(), time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(wallTime.Token, control.Cancelled, cancellationToken);
        while (true)
        {
            var asked = false;
            await foreach (var output in CallToolsAsync(stop.Token, cancellationToken).WithCancellation(CancellationToken.None))
            {
                asked = output is LoopPark;
                yield return output;
            }

            if (asked && !IsCancelled)
            {
                yield break;
            }

            cancellationToken.ThrowIfCancellationRequested();
            if (Stopped(wallTime.Token) is { } stopped)
            {
                yield return stopped;
                yield break;
            }

            if (await CondenseAsync(stop.Token) is { } condensed)
            {
                yield return condensed;
            }

            cancellationToken.ThrowIfCancellationRequested();
            if (Stopped(wallTime.Token) is { } late)
            {
                yield return late;
                yield break;
            }

            LoopEnd? end = null;
            await foreach (var output in AskAsync(wallTime.Token, stop.Token, cancellationToken).WithCancellation(CancellationToken.None))
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

    private bool IsCancelled => run.Claim.CancelRequested || control.Cancelled.IsCancellationRequested;

    private int Iteration => _state.Replies.Count;

    private TimeSpan Remaining()
    {
        var remaining = run.Claim.FirstStartedAt + run.Claim.Parked + Limits.WallTime - time.GetUtcNow();
        return remaining > TimeSpan.Zero ? remaining : TimeSpan.Zero;
    }

    private LoopCommit Start(bool endsNow)
    {
        List<SessionEvent> events =
        [
            new RunStarted { AgentName = run.Agent.Name, Model = run.Model, Attempt = run.Claim.Attempt, TraceId = run.TraceId },
        ];

        RunRecord? record = null;
        // A run that is to end now keeps the text of the lost attempt, as cut off; one that goes on writes it anew.
        if (run.Claim.Unsettled.Count > 0 && !endsNow)
        {
            events.Add(new StepSuperseded { StepIds = [.. run.Claim.Unsettled.Select(step => step.StepId)], Reason = SupersededReason.AttemptLost });
            if (LostReplies.Cost(run, _state) is { } lost)
            {
                record = lost;
                _state.Apply(lost);
                events.Add(LostReplies.Report(lost, Iteration + 1));
            }
        }

        // A record covers what stands before it: with text that is still to be cut off there is none.
        if (!endsNow && run.Claim.Processing?.Id is { } traceparent)
        {
            record = (record ?? new AttemptStarted()) with { Attempt = traceparent };
        }

        return new LoopCommit(events, record);
    }

    private IEnumerable<SessionEvent> CutOffUnsettled()
        => run.Claim.Unsettled.Where(StepFactory.CanBeCutOff).Select(_steps.CutOff);

    /// <summary>Why the loop can't go on between two replies, if so.</summary>
    private LoopEnd? Stopped(CancellationToken wallTime)
    {
        if (IsCancelled)
        {
            return Cancelled([], null);
        }

        if (wallTime.IsCancellationRequested)
        {
            return Failed([], null, RunErrors.WallTime(Limits));
        }

        if (_state.ToolTime > Limits.ToolTime)
        {
            return Failed([], null, RunErrors.ToolTime(Limits));
        }

        if (Iteration >= MaxIterations)
        {
            return Failed([], null, RunErrors.MaxIterations(MaxIterations));
        }

        return UsedUp ? Failed([], null, RunErrors.Tokens(Limits)) : null;
    }

    private bool UsedUp => _state.TotalUsage() is { } usage && usage.TotalTokens >= Limits.MaxTokens;

    /// <summary>Makes room in the prompt; <c>null</c>: there is enough, or the run is to stop.</summary>
    private async Task<LoopCommit?> CondenseAsync(CancellationToken stop)
    {
        var condenser = new Condenser(run, _steps, time, logger);
        if (condenser.Plan(_state) is not { } plan)
        {
            return null;
        }

        try
        {
            var commit = await condenser.CondenseAsync(plan, Iteration + 1, stop);
            _state.Apply(commit.Record!);
            return commit;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>Asks the model for one reply. Ends with a <see cref="LoopEnd"/>, or with the record of a reply that wants tools.</summary>
    private async IAsyncEnumerable<LoopOutput> AskAsync(
        CancellationToken wallTime, CancellationToken stop, [EnumeratorCancellation] CancellationToken abandoned)
    {
        var iteration = Iteration + 1;
        var messages = PromptBuilder.Build(run.Agent, run.Request, History.MessagesOf(run, _state), _state, _state.Condensed?.ShortenedReplies ?? 0);
        var options = Options();
        for (var attempt = 1; ; attempt++)
        {
            var reply = new ReplyReader(
                _steps, index => CallId(iteration, index), iteration, run.Model, characters => UsageEstimator.Estimate(messages, options, characters), time);
            Exception? failure = null;
            await using (var stream = run.Client.GetStreamingResponseAsync(messages, options, stop).GetAsyncEnumerator(stop))
            {
                while (failure is null)
                {
                    try
                    {
                        if (!await stream.MoveNextAsync())
                        {
                            break;
                        }
                    }
                    catch (Exception exception)
                    {
                        failure = exception;
                        break;
                    }

                    foreach (var output in reply.Read(stream.Current))
                    {
                        yield return output;
                    }

                    if (_state.Characters + reply.Characters > Limits.OutputCharacters)
                    {
                        yield return Failed([.. reply.Close(cutOff: true), reply.Usage()], reply.Record(cutOff: true), RunErrors.Output(Limits));
                        yield break;
                    }

                    if (reply.Calls > MaxCalls)
                    {
                        yield return Failed([.. reply.Close(cutOff: true), reply.Usage()], reply.Record(cutOff: true), RunErrors.TooManyCalls(MaxCalls));
                        yield break;
                    }

                    if (stop.IsCancellationRequested)
                    {
                        failure = new OperationCanceledException(stop);
                    }
                }
            }

            abandoned.ThrowIfCancellationRequested();
            if (failure is null && (reply.HasText || reply.HasCalls || reply.FinishReason == ChatFinishReason.ContentFilter))
            {
                foreach (var output in Complete(reply))
                {
                    yield return output;
                }

                yield break;
            }

            if (IsCancelled)
            {
                yield return Cancelled([.. reply.Close(cutOff: true), .. Shown(reply)], reply.Record(cutOff: true));
                yield break;
            }

            if (wallTime.IsCancellationRequested)
            {
                yield return Failed([.. reply.Close(cutOff: true), .. Shown(reply)], reply.Record(cutOff: true), RunErrors.WallTime(Limits));
                yield break;
            }

            var retry = failure is null or ModelStreamBrokenException && attempt < Limits.ReplyAttempts;
            LogReplyFailed(failure, iteration, attempt, retry);
            if (!retry)
            {
                var error = failure is null && reply.FinishReason == ChatFinishReason.Length ? RunErrors.NoRoomForAnswer() : RunErrors.From(failure);
                yield return Failed([.. reply.Close(cutOff: true), .. Shown(reply)], reply.Record(cutOff: true), error);
                yield break;
            }

            List<SessionEvent> events = [];
            if (reply.Shown.Count > 0)
            {
                events.Add(new StepSuperseded { StepIds = reply.Shown, Reason = SupersededReason.Retried });
            }

            ReplyWasted? wasted = null;
            if (reply.HasCost)
            {
                wasted = reply.Wasted();
                _state.Apply(wasted);
                events.Add(reply.Usage());
            }

            if (events.Count > 0)
            {
                yield return new LoopCommit(events, wasted);
            }

            if (UsedUp)
            {
                yield return Failed([], null, RunErrors.Tokens(Limits));
                yield break;
            }
        }
    }

    private static IEnumerable<SessionEvent> Shown(ReplyReader reply) => reply.HasCost ? [reply.Usage()] : [];

    /// <summary>A whole reply: the answer, or tool calls.</summary>
    private IEnumerable<LoopOutput> Complete(ReplyReader reply)
    {
        var cutByLimit = reply.FinishReason == ChatFinishReason.Length;
        if (reply.FinishReason == ChatFinishReason.ContentFilter)
        {
            yield return Failed([.. reply.Close(cutOff: true), reply.Usage()], reply.Record(cutOff: true), RunErrors.ContentFilter());
            yield break;
        }

        if (cutByLimit && reply.HasCalls)
        {
            // Where the reply ended early nobody knows whether its last call is whole: none of them is called.
            yield return Failed([.. reply.Close(cutOff: true), reply.Usage()], reply.Record(cutOff: true), RunErrors.NoRoomForAnswer());
            yield break;
        }

        var record = reply.Record();
        if (record.Calls.Count == 0)
        {
            // The model's own limit on a reply: what there is is the answer, and it says that it ends early.
            record = record with { CutOff = cutByLimit };
            yield return End([.. reply.Close(cutByLimit), reply.Usage()], record, RunStatus.Completed);
            yield break;
        }

        _state.Apply(record);
        yield return new LoopCommit([.. reply.Close(), reply.Usage()], record) { MayBeHandedBack = true };
    }

    private ChatOptions Options()
    {
        var options = new ChatOptions
        {
            ConversationId = null,
            ModelId = run.ModelId,
            Temperature = (float?)run.Request.Temperature,
            MaxOutputTokens = run.Request.MaxTokens,
        };
        if (run.Agent.Tools.Count > 0)
        {
            options.Tools = [.. run.Agent.Tools.Select(tool => tool.Function)];
        }

        return options;
    }

    /// <summary>Brings every call of the last reply to its result. Does nothing where none is open.</summary>
    private async IAsyncEnumerable<LoopOutput> CallToolsAsync(CancellationToken stop, [EnumeratorCancellation] CancellationToken abandoned)
    {
        var calls = _state.OpenCalls.ToList();
        if (calls.Count == 0 || Iteration >= MaxIterations)
        {
            // Without another reply to come nobody would read the results.
            yield break;
        }

        foreach (var call in calls.Where(InDoubt).ToList())
        {
            calls.Remove(call);
            yield return Result(_gate.Final(call), new ToolOutcome(
                "The worker was lost while this call ran. It is not known whether it took effect, and it was not repeated. Check before trying again.")
            {
                IsError = true,
                InDoubt = true,
            });
        }

        foreach (var call in _state.CallsBeyond(Limits.ToolCallsPerReply).ToList())
        {
            calls.Remove(call);
            yield return Result(call, new ToolOutcome(
                $"This call was not executed: one reply may make {Limits.ToolCallsPerReply} calls. Ask for it again in your next reply, if you still need it.")
            {
                IsError = true,
            });
        }

        foreach (var call in calls.ToList())
        {
            if (_gate.RefusalOf(call) is { } refusal)
            {
                calls.Remove(call);
                yield return Refused(call, refusal);
            }
        }

        // Nothing of a reply begins before all its questions are answered: its calls keep their order, and people see all that is asked at once.
        var questions = calls.Where(call => !_state.IsIntended(call.Id) && _gate.MustAsk(call)).ToList();
        if (questions.Count > 0)
        {
            if (!stop.IsCancellationRequested)
            {
                yield return new LoopPark([.. questions.Select(_gate.Question)], null, Finished(RunStatus.Cancelled));
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
            await foreach (var output in CallBatchAsync(batch, stop, abandoned).WithCancellation(CancellationToken.None))
            {
                parked = output is LoopPark;
                yield return output;
            }

            if (parked || stop.IsCancellationRequested || _state.ToolTime > Limits.ToolTime)
            {
                yield break;
            }
        }
    }

    /// <summary>Begun by an attempt that is lost, not known to be done, and not to be done twice.</summary>
    private bool InDoubt(RecordedCall call) => _state.IsIntended(call.Id) && _tools.Find(call.Name) is not { IsIdempotent: true };

    private async IAsyncEnumerable<LoopOutput> CallBatchAsync(
        List<RecordedCall> batch, CancellationToken stop, [EnumeratorCancellation] CancellationToken abandoned)
    {
        if (stop.IsCancellationRequested)
        {
            // What does not begin any more must not look as if it had.
            yield break;
        }

        // Said already by the attempt that was lost.
        var unsaid = batch.Where(call => !_state.IsIntended(call.Id)).ToList();
        if (unsaid.Count > 0)
        {
            var edits = unsaid.Where(call => call != OriginalOf(call)).Select(call => new EditedCall(call.Id, call.Arguments)).ToList();
            var uses = unsaid.ConvertAll(call => _steps.ToolUse(call, Iteration));
            var intent = new CallsIntended([.. unsaid.Select(call => call.Id)]) { Edits = edits.Count > 0 ? edits : null };
            if (IsDelegation(unsaid[0]))
            {
                intent = intent with { DelegatedAt = time.GetUtcNow(), DelegatedIn = uses[0].StepId };
            }

            yield return new LoopCommit(uses, intent) { RefuseIfCancelRequested = true };
            _state.Apply(intent);
        }

        if (stop.IsCancellationRequested)
        {
            yield break;
        }

        if (IsDelegation(batch[0]))
        {
            await foreach (var output in DelegateAsync(batch[0], abandoned).WithCancellation(CancellationToken.None))
            {
                yield return output;
            }

            yield break;
        }

        // Of each call at most one word that it has something to say, and one that it is done.
        var news = Channel.CreateBounded<RunningCall>(2 * batch.Count);
        using var left = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var running = batch.ConvertAll(call => CallAsync(new RunningCall(call, Limits.ToolResultCharacters, news.Writer), news.Writer, left.Token));
        try
        {
            for (var open = batch.Count; open > 0;)
            {
                var call = await news.Reader.ReadAsync(CancellationToken.None);
                var outcome = call.TakeOutcome();
                if (call.TakeDelta(_steps, Iteration) is { } delta)
                {
                    yield return new LoopDelta(delta);
                }

                if (outcome is not null)
                {
                    open--;
                    yield return Result(call.Call, outcome, call.StepId) with { MayBeHandedBack = open == 0 };
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

    /// <summary>Lets another agent do the call: a loop inside this one, whose steps and records become part of this run.</summary>
    private async IAsyncEnumerable<LoopOutput> DelegateAsync(RecordedCall call, [EnumeratorCancellation] CancellationToken abandoned)
    {
        if (!_tools.TryPrepare(call, out _, out var arguments, out var refusal))
        {
            yield return Result(call, refusal!);
            yield break;
        }

        var (name, task) = DelegateTool.Read(arguments!);
        if (Find(name, out var agent, out var model) is { } unavailable)
        {
            yield return Result(call, unavailable);
            yield break;
        }

        var began = _state.DelegationOf(call.Id);
        var startedAt = began?.DelegatedAt ?? time.GetUtcNow();
        var nesting = new Nesting(call.Id, _state.NestedOf(call.Id), _steps.Within(began?.DelegatedIn, agent!.Name));
        var part = SubAgentRun.Describe(run, _state, agent, model, task, nesting, startedAt);
        var inner = new ReActLoop(part, control, time, logger);
        using var tool = WorkerTelemetry.StartTool(call.Name, "function", call.Id.Value, arguments!);
        using var activity = WorkerTelemetry.StartAgent(agent.Name, run.Claim);
        WorkerTelemetry.SetRun(activity, part);
        await foreach (var output in ActivityFlow.Under(activity, inner.RunAsync(abandoned)).WithCancellation(CancellationToken.None))
        {
            switch (output)
            {
                case LoopCommit commit:
                    if (SubAgentRun.Wrap(nesting, commit) is { } kept)
                    {
                        yield return kept;
                    }

                    break;
                case LoopPark park:
                    // The whole run waits; who cancels it meanwhile ends the whole run.
                    yield return park with { Record = SubAgentRun.Wrap(nesting, park.Record), IfCancelled = Finished(RunStatus.Cancelled) };
                    break;
                case LoopEnd end:
                    var outcome = SubAgentRun.Outcome(agent.Name, end, time.GetUtcNow() - startedAt);
                    WorkerTelemetry.SetOutcome(activity, end);
                    WorkerTelemetry.EndTool(tool, call.Name, outcome);
                    yield return Settle(call, nesting, end, outcome);
                    break;
                default:
                    yield return output;
                    break;
            }
        }
    }

    /// <summary>Why the agent can't be asked; <c>null</c>: it can.</summary>
    private ToolOutcome? Find(string name, out AgentDefinition? agent, out ResolvedModel? model)
    {
        model = null;
        agent = null;
        if (run.SubAgents?.TryGet(name, out agent) != true)
        {
            return new ToolOutcome($"The agent {name} is not there any more. Do it without.") { IsError = true };
        }

        try
        {
            model = run.SubAgents.ModelOf(agent!);
            return null;
        }
        catch (ModelException exception)
        {
            return new ToolOutcome($"The agent {name} can't be asked now: {exception.UserMessage}") { IsError = true };
        }
    }

    /// <summary>What the other agent came to is the result of the call, kept together with its last record.</summary>
    private LoopCommit Settle(RecordedCall call, Nesting nesting, LoopEnd end, ToolOutcome outcome)
    {
        var cut = outcome with { Content = CutText.Of(outcome.Content, Limits.ToolResultCharacters) };
        var result = nesting.Steps.ToolResult(call, Iteration, cut);
        if (SubAgentRun.Answer(end) is { } answer)
        {
            // It has streamed already, as the step that it now turns out to be.
            result = result with { StepId = answer.StepId, Iteration = answer.Iteration, CutOff = answer.CutOff == true || cut.Content != outcome.Content ? true : null };
        }

        var finished = Finish(call, cut);
        RunRecord record = SubAgentRun.Wrap(nesting, end.Record) is { } last ? new RecordsTogether([last, finished]) : finished;
        return new LoopCommit(SubAgentRun.Ending(end, result), record) { MayBeHandedBack = true };
    }

    private async Task CallAsync(RunningCall running, ChannelWriter<RunningCall> news, CancellationToken stop)
    {
        var call = running.Call;
        try
        {
            var context = new ToolContext(run.Claim.Lease.SessionId.Value, RunId.Value, call.Id.Value) { Output = running.Output };
            var outcome = _tools.TryPrepare(call, out var tool, out var arguments, out var refusal)
                ? await _tools.CallAsync(tool!, arguments!, context, stop)
                : refusal!;
            running.Finish(outcome);
        }
        catch (Exception exception)
        {
            // Whoever waits for this result gets the reason instead, and does not wait for ever.
            news.TryComplete(exception);
        }
    }

    private RecordedCall OriginalOf(RecordedCall call) => _state.Replies[^1].Calls.First(original => original.Id == call.Id);

    /// <summary>What a person did not want is said in one piece: nothing of it ever begins.</summary>
    private LoopCommit Refused(RecordedCall call, ToolOutcome refusal)
    {
        var result = Result(call, refusal);
        return result with { Events = [_steps.ToolUse(call, Iteration), .. result.Events] };
    }

    private LoopCommit Result(RecordedCall call, ToolOutcome outcome, StepId? stepId = null)
    {
        var record = Finish(call, outcome);
        return new LoopCommit([_steps.ToolResult(call, Iteration, outcome, stepId)], record);
    }

    private CallFinished Finish(RecordedCall call, ToolOutcome outcome)
    {
        var record = new CallFinished(call.Id, outcome.Content, outcome.IsError, Math.Round(outcome.Duration.TotalMilliseconds, 1));
        _state.Apply(record);
        return record;
    }

    private LoopEnd Cancelled(IReadOnlyList<SessionEvent> events, RunRecord? record) => End(events, record, RunStatus.Cancelled);

    private LoopEnd Failed(IReadOnlyList<SessionEvent> events, ReplyRecorded? record, RunError error)
        => End([.. events, _steps.Error(error.Message, record?.Iteration ?? Math.Max(1, Iteration))], record, RunStatus.Failed, error);

    private LoopEnd End(IReadOnlyList<SessionEvent> events, RunRecord? record, RunStatus status, RunError? error = null)
    {
        if (record is not null)
        {
            _state.Apply(record);
        }

        return new LoopEnd(events, record, Finished(status, error));
    }

    private RunFinished Finished(RunStatus status, RunError? error = null) => new()
    {
        Status = status,
        Error = error?.Message,
        ErrorCode = error?.Code,
        DurationMs = Math.Round((time.GetUtcNow() - run.Claim.FirstStartedAt - run.Claim.Parked).TotalMilliseconds, 1),
        Iterations = Iteration,
        Usage = _state.TotalUsage(),
    };

    [LoggerMessage(LogLevel.Warning, "Reply {Iteration}, attempt {Attempt}, failed; asked for again: {Retry}")]
    private partial void LogReplyFailed(Exception? exception, int iteration, int attempt, bool retry);
}
