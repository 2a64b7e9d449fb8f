using System.Runtime.CompilerServices;
using AgentStream.Messaging;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;
using AgentStream.Worker.Agents;
using AgentStream.Worker.Running.Context;
using AgentStream.Worker.Running.ReAct;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Running;

/// <summary>An agent by itself, without log, queue or lease: the same loop, for a caller that keeps what it wants to keep.</summary>
/// <param name="agent">Its instructions, tools and limits.</param>
/// <param name="client">The model.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Where the loop logs.</param>
internal sealed class ReasoningAgent(AgentDefinition agent, IChatClient client, TimeProvider time, ILogger<ReasoningAgent> logger)
{
    public const int DefaultMaxIterations = 20;

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
        session ??= new ReasoningSession();
        using var control = new RunControl();
        await using var registration = cancellationToken.Register(static state => ((RunControl)state!).Cancel(), control);
        List<ReadOnlyMemory<byte>> records = [];
        List<ToolApprovalResolved> decisions = [];
        var run = Describe(prompt, session, maxIterations);
        var loop = new ReActLoop(run, control, time, logger).RunAsync(CancellationToken.None);
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
                var asked = time.GetTimestamp();
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
                    Parked = run.Parked + time.GetElapsedTime(asked),
                };
                loop = new ReActLoop(run, control, time, logger).RunAsync(CancellationToken.None);
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
            Agent = agent,
            Client = client,
            Model = agent.Model ?? "default",
            Request = new RunRequest
            {
                SessionId = session.Id,
                RunId = RunId.New(),
                MessageId = MessageId.New(),
                Owner = PrincipalId.Anonymous,
                Message = prompt,
                AgentName = agent.Name,
                MaxIterations = maxIterations,
            },
            FirstStartedAt = time.GetUtcNow(),
            Turns = [.. session.Turns.Select(turn => new HistoryTurn(turn))],
        };
}

/// <summary>A whole run.</summary>
/// <param name="Steps">Its finished steps in order, superseded ones gone.</param>
/// <param name="Finished">How it ended.</param>
internal sealed record ReasoningResult(IReadOnlyList<ReasoningStep> Steps, RunFinished Finished)
{
    /// <summary>The answer; <c>null</c> where the run came to none.</summary>
    public string? Answer => Steps.LastOrDefault(step => step.StepType == StepType.FinalAnswer)?.Content;
}
