using System.Text.Json;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;
using AgentStream.Messaging.Transcript;
using AgentStream.Tests.Worker.Running.Context;
using AgentStream.Worker.Agents;
using AgentStream.Worker.Models;
using AgentStream.Worker.Models.Pricing;
using AgentStream.Worker.Running.Attachments;
using AgentStream.Worker.Running.Context;
using AgentStream.Worker.Running.Delegation;
using AgentStream.Worker.Running.Execution;
using AgentStream.Worker.Running.ReAct;
using AgentStream.Worker.Tools;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentStream.Tests.Worker.Running;

/// <summary>
/// Plays the store for the loop: keeps what it is told to keep, can lose the worker after any output, and begin again from the records.
/// </summary>
internal sealed class LoopHarness(IChatClient client, params AgentTool[] tools)
{
    private readonly RunId _run = RunId.New();
    private readonly Offset _place = EarlierTurns.NextPlace();
    private readonly SessionId _session = SessionId.Parse("session");
    private readonly List<ReadOnlyMemory<byte>> _records = [];
    private readonly Dictionary<StepId, OpenStep> _unsettled = [];
    private readonly List<ToolApprovalResolved> _decisions = [];
    private int _claims;

    public AgentLimits Limits { get; init; } = new();

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public int MaxIterations { get; init; } = 20;

    public IReadOnlyList<HistoryMessage>? History { get; init; }

    /// <summary>What a client gives with the message.</summary>
    public JsonElement? Context { get; init; }

    public int? MaxTokens { get; init; }

    public double? Temperature { get; init; }

    public bool CancelRequested { get; set; }

    /// <summary>What people say while the run is under way, as it waits.</summary>
    public List<RunRequest> Said { get; } = [];

    /// <summary>What is said waits no more when it is to be taken.</summary>
    public bool TakeIsRefused { get; init; }

    public int ContextTokens { get; init; } = 128_000;

    public string Model { get; init; } = "planned";

    /// <summary>What models cost.</summary>
    public ModelPrices? Prices { get; init; }

    public string Message { get; init; } = "question";

    public PrincipalId Owner { get; init; } = PrincipalId.Anonymous;

    /// <summary>All agents, the one that is asked among them as <c>tester</c>; <c>null</c>: it is alone.</summary>
    public AgentSet? Agents { get; init; }

    /// <summary>The models of the other agents.</summary>
    public ModelCatalog? Models { get; init; }

    /// <summary>As for a run that shows no reasoning.</summary>
    public HiddenReasoning? Hidden { get; init; }

    public IReadOnlyList<ConversationTurn> Conversation { get; set; } = [];

    /// <summary>Tools that need approval.</summary>
    public IReadOnlyList<string> Approvals { get; set; } = [];

    /// <summary>The store refuses to park, because cancelling was asked for.</summary>
    public bool ParkIsRefused { get; init; }

    /// <summary>How the last attempt ended, where it asked people.</summary>
    public LoopPark? Parked { get; private set; }

    public DateTimeOffset? FirstStartedAt { get; init; }

    public TimeSpan ParkedFor { get; set; }

    public RunControl Control { get; } = new();

    /// <summary>Called for each event once it is kept.</summary>
    public Action<SessionEvent>? Kept { get; init; }

    /// <summary>Everything that was kept, in order, over all attempts.</summary>
    public List<SessionEvent> Log { get; } = [];

    /// <summary>How many outputs the last attempt handed out.</summary>
    public int Outputs { get; private set; }

    public IEnumerable<ReasoningStep> Steps
    {
        get
        {
            var superseded = Log.OfType<StepSuperseded>().SelectMany(step => step.StepIds).ToHashSet();
            return Log.OfType<ReasoningStep>().Where(step => !superseded.Contains(step.StepId));
        }
    }

    public RunFinished? Finished => Log.OfType<RunFinished>().SingleOrDefault();

    public string Shape => string.Join(" ", Steps.Select(step => step.StepType));

    public IReadOnlyList<ReadOnlyMemory<byte>> Records => _records;

    public Task RunAsync() => RunAsync(int.MaxValue);

    /// <summary>Plays the person who answers.</summary>
    public void Decide(ToolApprovalRequired question, bool approved, string? reason = null, string? edited = null, bool expired = false)
        => _decisions.Add(new ToolApprovalResolved
        {
            ToolCallId = question.ToolCallId,
            Approved = approved,
            By = "client",
            Arguments = !approved ? null : edited is null ? question.Arguments : JsonElement.Parse(edited),
            Edited = edited is null ? null : true,
            Expired = expired ? true : null,
            Reason = reason,
        });

    /// <summary>Plays the caller who executes a call.</summary>
    public void Give(ToolApprovalRequired question, string result, bool isError = false)
        => _decisions.Add(new ToolApprovalResolved
        {
            ToolCallId = question.ToolCallId,
            Approved = true,
            By = "client",
            Result = result,
            IsError = isError ? true : null,
        });

    /// <summary>The files of the message.</summary>
    public IReadOnlyList<Attachment>? Attachments { get; init; }

    /// <summary>What the model gets of them.</summary>
    public AttachedContents Attached { get; init; } = AttachedContents.None;

    /// <summary>Plays the person who says something while the run is under way.</summary>
    public void Say(string message, string? context = null) => Said.Add(new RunRequest
    {
        SessionId = _session,
        RunId = RunId.New(),
        MessageId = MessageId.New(),
        Owner = Owner,
        Message = message,
        AgentName = "another",
        Context = context is null ? null : JsonElement.Parse(context),
        SteersRunId = _run,
    });

    /// <summary>The run as a later one of the conversation sees it.</summary>
    public ConversationTurn AsTurn() => new(_run, "earlier question", [.. _records]) { Seq = _place };

    /// <summary>One attempt; the worker is lost right after the <paramref name="loseAfter"/>th output was kept.</summary>
    public async Task RunAsync(int loseAfter)
    {
        _claims++;
        var run = new RunDescription
        {
            Agent = Agents?.All.Single(agent => agent.Name == "tester")
                ?? new AgentDefinition { Name = "tester", Instructions = "be good", Tools = tools, Limits = Limits, Approvals = Approvals },
            Request = new RunRequest
            {
                SessionId = _session,
                RunId = _run,
                MessageId = MessageId.New(),
                Owner = Owner,
                Message = Message,
                Attachments = Attachments,
                AgentName = "tester",
                MaxIterations = MaxIterations,
                History = History,
                Context = Context,
                MaxTokens = MaxTokens,
                Temperature = Temperature,
            },
            Attempt = _claims,
            ClaimNumber = _claims,
            FirstStartedAt = FirstStartedAt ?? Time.GetUtcNow(),
            Parked = ParkedFor,
            Approvals = [.. _decisions],
            Checkpoints = [.. _records],
            Turns = [.. Conversation.Select(turn => new HistoryTurn(turn, Attached))],
            Attached = Attached,
            Unsettled = [.. _unsettled.Values],
            CancelRequested = CancelRequested,
            ReadSteering = () => ValueTask.FromResult<IReadOnlyList<RunRequest>>([.. Said]),
            Client = client,
            Model = Model,
            ContextTokens = ContextTokens,
            Prices = Prices,
            SubAgents = Agents is null
                ? null
                : new SubAgents(Agents, agent => Models!.Resolve(agent.Model), new ContextWindows(new ConfigurationManager())),
        };
        Outputs = 0;
        Parked = null;
        await foreach (var output in new ReActLoop(run, Control, Time, NullLogger.Instance).RunAsync(CancellationToken.None))
        {
            if (output is LoopPark && ParkIsRefused)
            {
                await Control.CancelAsync();
                continue;
            }

            if (output is LoopTake take)
            {
                take.IsRefused = TakeIsRefused;
                Said.RemoveAll(message => message.RunId == take.Event.QueuedRunId);
                if (TakeIsRefused)
                {
                    continue;
                }
            }

            if ((Hidden is null ? output : Hidden.Filter(output)) is { } visible)
            {
                Keep(visible);
            }

            if (output is LoopPark park)
            {
                Parked = park;
                return;
            }

            if (++Outputs == loseAfter)
            {
                return;
            }
        }
    }

    private void Keep(LoopOutput output)
    {
        var (events, record) = output switch
        {
            LoopDelta delta => ([delta.Delta], null),
            LoopCommit commit => (commit.Events, commit.Record),
            LoopTake take => ([take.Event], take.Record),
            LoopPark park => (park.Events, park.Record),
            LoopEnd end => ([.. end.Events, end.Finished], end.Kept),
            _ => throw new InvalidOperationException(),
        };
        Assert.Null(Finished);
        Log.AddRange(events);
        foreach (var sessionEvent in events)
        {
            Track(sessionEvent);
            Kept?.Invoke(sessionEvent);
        }

        if (record is not null)
        {
            _records.Add(record.ToBytes());
            var finished = Log.OfType<ReasoningStep>().Select(step => step.StepId).ToHashSet();
            foreach (var id in _unsettled.Keys.Where(finished.Contains).ToList())
            {
                _unsettled.Remove(id);
            }
        }
    }

    private void Track(SessionEvent sessionEvent)
    {
        switch (sessionEvent)
        {
            case StepDelta delta:
                var text = _unsettled.GetValueOrDefault(delta.StepId)?.Content + delta.Delta;
                _unsettled[delta.StepId] = new OpenStep
                {
                    StepId = delta.StepId,
                    StepType = delta.StepType,
                    Content = text,
                    Iteration = delta.Iteration,
                };
                break;
            case ReasoningStep step:
                _unsettled[step.StepId] = new OpenStep
                {
                    StepId = step.StepId,
                    StepType = DeltaType.Thought,
                    Content = step.Content,
                    Iteration = step.Iteration,
                    Finished = true,
                };
                break;
            case StepSuperseded superseded:
                foreach (var id in superseded.StepIds)
                {
                    _unsettled.Remove(id);
                }

                break;
            default:
                break;
        }
    }
}
