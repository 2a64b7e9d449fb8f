using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;

namespace AgentStream.Tests.Api.Support;

/// <summary>A worker whose part the test plays, for one run.</summary>
internal sealed class ScriptedRun(ISessionLog log, IRunQueue queue, RunClaim claim)
{
    private long _sequence;
    private int _steps;

    public RunClaim Claim => claim;

    public RunId RunId => claim.Lease.RunId;

    public static async Task<ScriptedRun> ClaimAsync(ISessionLog log, IRunQueue queue)
    {
        using var patience = new CancellationTokenSource(ApiHost.Patience);
        await foreach (var signal in queue.ListenAsync(patience.Token))
        {
            if (signal is WorkAvailable && await queue.ClaimAsync("test", patience.Token) is { } claim)
            {
                return new ScriptedRun(log, queue, claim);
            }
        }

        throw new InvalidOperationException("No run came.");
    }

    public async Task AppendAsync(params SessionEvent[] events)
    {
        var result = await log.AppendAsync(Append(events));
        Assert.Equal(AppendStatus.Appended, result.Status);
    }

    public Task StartAsync() => AppendAsync(new RunStarted { AgentName = claim.Request.AgentName, Model = "scripted" });

    public StepId NewStep() => StepId.Create(RunId, claim.ClaimNumber, ++_steps);

    public async Task DeltasAsync(StepId step, params string[] deltas)
    {
        foreach (var delta in deltas)
        {
            await AppendAsync(new StepDelta { StepId = step, StepType = DeltaType.Answer, Delta = delta, Iteration = 1 });
        }
    }

    /// <summary>Asks a person, and gives the run away until there is an answer.</summary>
    public async Task ParkAsync(params ToolApprovalRequired[] questions)
    {
        var park = new RunPark { Append = Append(questions), IfCancelled = new RunFinished { Status = RunStatus.Cancelled } };
        Assert.Equal(AppendStatus.Appended, (await queue.ParkAsync(park)).Status);
    }

    public Task AnswerAsync(StepId step, string content) => AppendAsync(Step(step, StepType.FinalAnswer, content));

    public static ReasoningStep Step(StepId step, StepType type, string content) => new()
    {
        StepId = step,
        StepType = type,
        Content = content,
        Iteration = 1,
        Timestamp = DateTimeOffset.UnixEpoch.AddSeconds(1_700_000_000.5),
    };

    public async Task FinishAsync(RunStatus status = RunStatus.Completed, string? error = null)
    {
        var finished = new RunFinished
        {
            Status = status,
            Error = error,
            ErrorCode = error is null ? null : "model_error",
            DurationMs = 12,
            Iterations = 1,
            Usage = new TokenUsage { InputTokens = 3, OutputTokens = 4, TotalTokens = 7 },
        };
        var result = await queue.FinishAsync(Append([]), finished);
        Assert.Equal(AppendStatus.Appended, result.Status);
    }

    /// <summary>The whole run, with one answer.</summary>
    public async Task CompleteAsync(string answer)
    {
        await StartAsync();
        await AnswerAsync(NewStep(), answer);
        await FinishAsync();
    }

    private RunAppend Append(IReadOnlyList<SessionEvent> events) => new() { Lease = claim.Lease, Sequence = ++_sequence, Events = events };
}
