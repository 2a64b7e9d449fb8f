using System.Runtime.CompilerServices;
using AgentStream.Messaging.Protocol;
using AgentStream.Worker.Agents;
using AgentStream.Worker.Models;
using AgentStream.Worker.Running.Calls;
using AgentStream.Worker.Running.Checkpoints;
using AgentStream.Worker.Running.ReAct;
using AgentStream.Worker.Telemetry;
using AgentStream.Worker.Tools.Output;

namespace AgentStream.Worker.Running.Delegation;

/// <summary>A call that another agent does.</summary>
internal sealed class SubAgentCall(RunAttempt attempt, ToolCaller tools, RunControl control, TimeProvider time, ILogger logger)
{
    /// <summary>Lets another agent do the call: a loop inside this one, whose steps and records become part of this run.</summary>
    /// <param name="call">The call.</param>
    /// <param name="wallTime">The asking agent's time, which ends the other's too.</param>
    /// <param name="abandoned">The run is given up.</param>
    public async IAsyncEnumerable<LoopOutput> RunAsync(
        RecordedCall call, CancellationToken wallTime, [EnumeratorCancellation] CancellationToken abandoned)
    {
        if (!tools.TryPrepare(call, out var tool, out var arguments, out var refusal))
        {
            yield return attempt.Result(call, refusal!);
            yield break;
        }

        var (name, task) = DelegateTool.Read(arguments!);
        if (Find(name, out var agent, out var model) is { } unavailable)
        {
            yield return attempt.Result(call, unavailable);
            yield break;
        }

        var began = attempt.State.DelegationOf(call.Id);
        var startedAt = began?.DelegatedAt ?? time.GetUtcNow() - attempt.Run.Parked;
        var nesting = new Nesting(
            call.Id, attempt.State.NestedOf(call.Id), attempt.Steps.Within(began?.DelegatedIn, agent!.Name), wallTime);
        var part = SubAgentRun.Describe(attempt.Run, attempt.State, agent, model, task, nesting, startedAt);
        var inner = new ReActLoop(part, control, time, logger);
        using var execution = WorkerTelemetry.StartTool(tool!, call.Id.Value, arguments!);
        using var activity = WorkerTelemetry.StartAgent(agent.Name, attempt.Run.Request, attempt.Run.Attempt);
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
                    yield return park with
                    {
                        Record = SubAgentRun.Wrap(nesting, park.Record),
                        IfCancelled = attempt.Finished(RunStatus.Cancelled),
                    };
                    break;
                case LoopEnd end:
                    var outcome = SubAgentRun.Outcome(agent.Name, end, time.GetUtcNow() - startedAt - attempt.Run.Parked);
                    WorkerTelemetry.SetOutcome(activity, end);
                    WorkerTelemetry.EndTool(execution, call.Name, outcome);
                    yield return Settle(call, nesting, end, outcome);
                    break;
                default:
                    yield return output;
                    break;
            }
        }
    }

    /// <summary>The reason why the agent can't be asked; <c>null</c>: it can.</summary>
    private ToolOutcome? Find(string name, out AgentDefinition? agent, out ResolvedModel? model)
    {
        model = null;
        agent = null;
        if (attempt.Run.SubAgents?.TryGet(name, out agent) != true)
        {
            return new ToolOutcome($"The agent {name} is not there any more. Do it without.") { IsError = true };
        }

        try
        {
            model = attempt.Run.SubAgents.ModelOf(agent!);
            return null;
        }
        catch (ModelException exception)
        {
            return new ToolOutcome($"The agent {name} can't be asked now: {exception.UserMessage}") { IsError = true };
        }
    }

    /// <summary>The other agent's outcome is the result of the call, kept together with its last record.</summary>
    private LoopCommit Settle(RecordedCall call, Nesting nesting, LoopEnd end, ToolOutcome outcome)
    {
        var cut = outcome with { Content = CutText.Of(outcome.Content, attempt.Limits.ToolResultCharacters) };
        var result = nesting.Steps.ToolResult(call, attempt.Iteration, cut);
        if (SubAgentRun.Answer(end) is { } answer)
        {
            // It has streamed already, as the step that it now turns out to be.
            result = result with
            {
                StepId = answer.StepId,
                Iteration = answer.Iteration,
                CutOff = answer.CutOff == true || cut.Content != outcome.Content ? true : null,
            };
        }

        var finished = attempt.Finish(call, cut);
        RunRecord record = SubAgentRun.Wrap(nesting, end.Record) is { } last ? new RecordsTogether([last, finished]) : finished;
        return new LoopCommit(SubAgentRun.Ending(end, result), record) { MayBeHandedBack = true };
    }
}
