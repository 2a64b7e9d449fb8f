using System.Runtime.CompilerServices;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;
using AgentStream.Worker.Agents;
using AgentStream.Worker.Running.Context;
using AgentStream.Worker.Running.ReAct;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentStream.Worker.Running;

/// <summary>
/// An agent by itself, without log, queue or lease: the loop of the workers, for a program that keeps what it wants to keep.
/// Safe to use from any thread; a session takes one run at a time.
/// </summary>
public sealed class ReasoningAgent
{
    /// <summary>The number of model replies that a run may take where nothing else is said.</summary>
    public const int DefaultMaxIterations = 20;

    private readonly AgentDefinition _agent;
    private readonly IChatClient _client;
    private readonly string _model;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    /// <summary>Makes an agent.</summary>
    /// <param name="agent">Its instructions, tools and limits.</param>
    /// <param name="client">The model. It is not disposed, and is asked as it is: retries are its own.</param>
    /// <param name="time">The clock; <c>null</c>: the system's.</param>
    /// <param name="logger">Where the loop logs; <c>null</c>: nowhere.</param>
    public ReasoningAgent(AgentDefinition agent, IChatClient client, TimeProvider? time = null, ILogger<ReasoningAgent>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(agent);
        ArgumentNullException.ThrowIfNull(client);
        _agent = agent;
        _client = client;
        _model = agent.Model ?? client.GetService<ChatClientMetadata>()?.DefaultModelId ?? "default";
        _time = time ?? TimeProvider.System;
        _logger = logger ?? NullLogger<ReasoningAgent>.Instance;
    }

    /// <summary>
    /// Told what the model's client threw, for the program and its developer. What the run says of it is for people, and has nothing of it.
    /// </summary>
    public Action<Exception>? ModelFailed { get; init; }

    /// <summary>Answers for calls that a person must agree to. Default: refuses them, since nobody can be asked.</summary>
    public Func<ToolApprovalRequired, CancellationToken, ValueTask<ToolApprovalResolved>> Approve { get; init; } =
        static (question, _) => ValueTask.FromResult(new ToolApprovalResolved
        {
            ToolCallId = question.ToolCallId,
            Approved = false,
            By = "nobody",
            Reason = "Nobody can be asked here.",
        });

    /// <summary>
    /// Every delta and every step of a run, the moment it exists; the last event is <see cref="RunFinished"/>.
    /// Cancelling ends the run as cancelled, with what there was.
    /// </summary>
    /// <param name="prompt">What the person asks.</param>
    /// <param name="session">The conversation that the run is a part of; <c>null</c>: a new one.</param>
    /// <param name="maxIterations">How many model replies the run may take.</param>
    /// <param name="cancellationToken">Cancels the run.</param>
    public async IAsyncEnumerable<SessionEvent> RunWithReasoningStreamAsync(
        string prompt,
        ReasoningSession? session = null,
        int maxIterations = DefaultMaxIterations,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(prompt);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxIterations, 1);
        session ??= new ReasoningSession();
        using var control = new RunControl();
        await using var registration = cancellationToken.Register(static state => ((RunControl)state!).Cancel(), control);
        List<ReadOnlyMemory<byte>> records = [];
        List<ToolApprovalResolved> decisions = [];
        var run = Describe(prompt, session, maxIterations);
        var loop = new ReActLoop(run, control, _time, _logger).RunAsync(CancellationToken.None);
        while (loop is not null)
        {
            IReadOnlyList<ToolApprovalRequired> questions = [];
            await foreach (var output in loop.WithCancellation(CancellationToken.None))
            {
                var (events, record) = output switch
                {
                    LoopDelta delta => ([delta.Delta], null),
                    LoopCommit commit => (commit.Events, commit.Record),
                    LoopPark park => (park.Events, park.Record),
                    LoopEnd end => ([.. end.Events, end.Finished], end.Kept),
                    _ => throw new InvalidOperationException($"An output of the unknown kind {output.GetType().Name}."),
                };
                if (record is not null)
                {
                    records.Add(record.ToBytes());
                }

                questions = [.. events.OfType<ToolApprovalRequired>()];
                foreach (var sessionEvent in events)
                {
                    yield return sessionEvent;
                }
            }

            loop = null;
            if (questions.Count > 0)
            {
                var asked = _time.GetTimestamp();
                foreach (var question in questions)
                {
                    decisions.Add(await Approve(question, cancellationToken));
                    yield return decisions[^1];
                }

                run = run with
                {
                    ClaimNumber = run.ClaimNumber + 1,
                    Checkpoints = [.. records],
                    Approvals = [.. decisions],
                    Parked = run.Parked + _time.GetElapsedTime(asked),
                };
                loop = new ReActLoop(run, control, _time, _logger).RunAsync(CancellationToken.None);
            }
        }

        session.Add(new ConversationTurn(run.Request.RunId, prompt, records));
    }

    /// <summary>The same run, collected: its finished steps, its answer and how it ended.</summary>
    /// <inheritdoc cref="RunWithReasoningStreamAsync" />
    public async Task<ReasoningResult> RunWithReasoningAsync(
        string prompt,
        ReasoningSession? session = null,
        int maxIterations = DefaultMaxIterations,
        CancellationToken cancellationToken = default)
    {
        List<ReasoningStep> steps = [];
        RunFinished? finished = null;
        await foreach (var sessionEvent in RunWithReasoningStreamAsync(prompt, session, maxIterations, cancellationToken)
            .WithCancellation(CancellationToken.None))
        {
            switch (sessionEvent)
            {
                case ReasoningStep step:
                    steps.Add(step);
                    break;
                case StepSuperseded superseded:
                    steps.RemoveAll(step => superseded.StepIds.Contains(step.StepId));
                    break;
                case RunFinished end:
                    finished = end;
                    break;
                default:
                    break;
            }
        }

        return new ReasoningResult(steps, finished ?? throw new InvalidOperationException("The loop ended without saying how."));
    }

    private RunDescription Describe(string prompt, ReasoningSession session, int maxIterations)
        => new()
        {
            Agent = _agent,
            Client = new PlainModel(_client, exception => ModelFailed?.Invoke(exception)),
            Model = _model,
            Request = new RunRequest
            {
                SessionId = session.Id,
                RunId = RunId.New(),
                MessageId = MessageId.New(),
                Owner = PrincipalId.Anonymous,
                Message = prompt,
                AgentName = _agent.Name,
                MaxIterations = maxIterations,
            },
            FirstStartedAt = _time.GetUtcNow(),
            Turns = [.. session.Turns.Select(turn => new HistoryTurn(turn))],
        };
}

/// <summary>A whole run.</summary>
/// <param name="Steps">Its finished steps in order, superseded ones gone.</param>
/// <param name="Finished">How it ended.</param>
public sealed record ReasoningResult(IReadOnlyList<ReasoningStep> Steps, RunFinished Finished)
{
    /// <summary>The answer; <c>null</c> where the run came to none.</summary>
    public string? Answer => Steps.LastOrDefault(step => step.StepType == StepType.FinalAnswer)?.Content;
}
