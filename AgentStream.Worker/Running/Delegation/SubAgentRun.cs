using AgentStream.Messaging.Protocol;
using AgentStream.Worker.Agents;
using AgentStream.Worker.Models;
using AgentStream.Worker.Running.Calls;
using AgentStream.Worker.Running.Checkpoints;
using AgentStream.Worker.Running.ReAct;

namespace AgentStream.Worker.Running.Delegation;

/// <summary>Describes a part of a run as a run of its own, and tells what its loop says as steps of the whole.</summary>
internal static class SubAgentRun
{
    /// <summary>What is left where nothing is: 0 would be no limit.</summary>
    private const decimal LeastCost = 0.000_001m;

    /// <param name="run">The run of the agent that asks.</param>
    /// <param name="state">How far that run is.</param>
    /// <param name="agent">Who is asked.</param>
    /// <param name="model">What it uses; <c>null</c>: what the asking agent uses.</param>
    /// <param name="task">What it is asked.</param>
    /// <param name="nesting">Where its loop stands.</param>
    /// <param name="startedAt">When it was first begun, less what the run had waited for people until then.</param>
    public static RunDescription Describe(
        RunDescription run,
        RunState state,
        AgentDefinition agent,
        ResolvedModel? model,
        string task,
        Nesting nesting,
        DateTimeOffset startedAt)
    {
        var limits = Within(run, state, agent.Limits, nesting.State, startedAt);
        return run with
        {
            Agent = agent with
            {
                Limits = limits,
                Tools = limits.DelegationDepth > 0 || agent.Tools is not ToolsAndDelegate both ? agent.Tools : both.Tools,
            },
            Client = model?.Client ?? run.Client,
            Model = model?.DisplayName ?? run.Model,
            ModelId = model is null ? run.ModelId : model.ModelId,
            Provider = model?.Provider ?? run.Provider,
            ContextTokens = model is null ? run.ContextTokens : run.SubAgents!.ContextOf(model),
            CanSummarise = model is null ? run.CanSummarise : SubAgents.CanSummarise(agent, model),
            Nesting = nesting,
            // What a person says meanwhile is said to the agent that they asked.
            ReadSteering = null,
            // What a person asked for and set goes for the agent that they asked.
            Request = run.Request with
            {
                Message = task,
                AgentName = agent.Name,
                MaxIterations = limits.MaxIterations,
                Context = null,
                History = null,
                Attachments = null,
                Temperature = null,
                MaxTokens = null,
            },
            FirstStartedAt = startedAt,
            Turns = [],
            Unsettled = [],
            Traceparent = null,
            Checkpoints = [],
        };
    }

    /// <summary>The records of the inner loop, as a part of the outer one's records; <c>null</c>: nothing of it is for the log.</summary>
    public static LoopCommit? Wrap(Nesting nesting, LoopCommit commit)
    {
        List<SessionEvent> events = [.. commit.Events.Where(e => e is not RunStarted)];
        return events.Count == 0 && commit.Record is null ? null : commit with { Events = events, Record = Wrap(nesting, commit.Record) };
    }

    public static RunRecord? Wrap(Nesting nesting, RunRecord? record) => record is null ? null : new SubAgentRecorded(nesting.Call, record);

    /// <summary>The outcome of the inner agent, as the result of the call.</summary>
    public static ToolOutcome Outcome(string agent, LoopEnd end, TimeSpan duration) => end.Finished.Status switch
    {
        RunStatus.Completed => new ToolOutcome(Answer(end)?.Content ?? "", duration),
        RunStatus.Cancelled => new ToolOutcome("Cancelled before it was done.", duration) { IsError = true },
        _ => new ToolOutcome($"The agent {agent} came to no answer. {end.Finished.Error}", duration)
        {
            IsError = true,
            InDoubt = end.Finished.ErrorCode == RunErrors.InDoubtCode,
        },
    };

    /// <summary>The inner agent's answer; <c>null</c> where it came to none.</summary>
    public static ReasoningStep? Answer(LoopEnd end)
        => end.Finished.Status == RunStatus.Completed
            ? end.Events.OfType<ReasoningStep>().LastOrDefault(step => step.StepType == StepType.FinalAnswer)
            : null;

    /// <summary>
    /// The steps with which the inner loop ended, the result of the call in the place of its answer.
    /// An error is told by the result alone: it does not end the run.
    /// </summary>
    public static IReadOnlyList<SessionEvent> Ending(LoopEnd end, ReasoningStep result)
    {
        var answer = Answer(end);
        List<SessionEvent> events = [];
        foreach (var sessionEvent in end.Events)
        {
            switch (sessionEvent)
            {
                case ReasoningStep step when step == answer:
                    events.Add(result);
                    break;
                case ReasoningStep { StepType: StepType.FinalAnswer } step:
                    events.Add(step with { StepType = StepType.Thought });
                    break;
                case ReasoningStep { StepType: StepType.Error }:
                    break;
                default:
                    events.Add(sessionEvent);
                    break;
            }
        }

        if (answer is null)
        {
            events.Add(result);
        }

        return events;
    }

    /// <summary>The agent's own limits, and not more than the asking agent has left.</summary>
    private static AgentLimits Within(RunDescription run, RunState state, AgentLimits own, RunState nested, DateTimeOffset startedAt)
    {
        var outer = run.Agent.Limits;
        var limits = own.Copy();
        if (outer.MaxCost > 0)
        {
            var left = Math.Max(
                LeastCost, outer.MaxCost + state.Spending.Sum() - Cost(run, state) + Cost(run, nested));
            if (own.MaxCost == 0 || left < own.MaxCost)
            {
                // Whether the whole may cost more is for the asking agent to ask, once this one is done.
                (limits.MaxCost, limits.AskAtMaxCost) = (left, false);
            }
        }

        limits.MaxTokens = Math.Max(1, Math.Min(own.MaxTokens, outer.MaxTokens - Tokens(state) + Tokens(nested)));
        limits.OutputCharacters = Math.Max(
            1, Math.Min(own.OutputCharacters, outer.OutputCharacters - state.Characters + nested.Characters));
        limits.WallTime = Shorter(own.WallTime, run.FirstStartedAt + outer.WallTime - startedAt);
        limits.ToolTime = Shorter(own.ToolTime, outer.ToolTime - state.ToolTime + nested.ToolTime);
        limits.DelegationDepth = Math.Min(own.DelegationDepth, outer.DelegationDepth - 1);
        return limits;
    }

    private static decimal Cost(RunDescription run, RunState state) => state.Cost(run.PriceOf) ?? 0;

    private static long Tokens(RunState state) => state.TotalUsage()?.TotalTokens ?? 0;

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => other < one ? (other > TimeSpan.Zero ? other : TimeSpan.Zero) : one;
}
