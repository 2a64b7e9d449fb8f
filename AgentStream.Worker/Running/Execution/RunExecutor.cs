using System.Diagnostics;
using AgentStream.Messaging.Attachments;
using AgentStream.Messaging.Log;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;
using AgentStream.Worker.Agents;
using AgentStream.Worker.Hosting;
using AgentStream.Worker.Models;
using AgentStream.Worker.Models.Pricing;
using AgentStream.Worker.Models.Resilience;
using AgentStream.Worker.Running.Attachments;
using AgentStream.Worker.Running.Context;
using AgentStream.Worker.Running.Delegation;
using AgentStream.Worker.Running.ReAct;
using AgentStream.Worker.Telemetry;
using AgentStream.Worker.Tools.Client;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;

namespace AgentStream.Worker.Running.Execution;

/// <summary>Executes one claim of a run: finds agent and model, runs the loop, and writes what it says.</summary>
internal sealed partial class RunExecutor(
    AgentRegistry agents,
    ModelCatalog models,
    ISessionLog log,
    IRunQueue queue,
    IOptions<WorkerOptions> options,
    FlushClock clock,
    TimeProvider time,
    ILoggerFactory loggers,
    ContextWindows windows,
    ModelPrices prices,
    IAttachments? attachments = null)
{
    private static readonly TimeSpan UntilStoreIsBack = TimeSpan.FromSeconds(1);

    private readonly ILogger _logger = loggers.CreateLogger<RunExecutor>();

    /// <summary>
    /// Runs until the run has ended, waits for people, was given back, or belongs to somebody else. Throws only for what no run may cause.
    /// </summary>
    public async Task ExecuteAsync(RunClaim claim, RunControl control)
    {
        using var scope = _logger.BeginScope(
            new Dictionary<string, object> { ["session_id"] = claim.Lease.SessionId, ["run_id"] = claim.Lease.RunId });
        using var processing = claim.Processing;
        Activity.Current = processing;
        using var activity = WorkerTelemetry.StartAgent(claim.Request.AgentName, claim.Request, claim.Attempt);
        LogStarted(claim.Request.AgentName, claim.Attempt);
        var writer = new RunWriter(
            log, queue, claim.Lease, claim.Unsettled, control, options.Value.DeltaWindow, clock, time,
            loggers.CreateLogger<RunWriter>());
        var giveBack = false;
        try
        {
            giveBack = await RunAsync(claim, control, writer, activity);
        }
        catch (OperationCanceledException) when (control.Abandoned.IsCancellationRequested)
        {
            giveBack = !control.LeaseLost;
        }
        catch (Exception exception)
        {
            LogFailed(exception);
            // One whose end can't be written is not given back, which would begin it again at once and for ever:
            // its lease runs out, and the attempt counts.
            giveBack = !await TryFailAsync(claim, control, writer) && control.Abandoned.IsCancellationRequested;
        }

        await writer.SettleAsync();
        if (control.LeaseLost)
        {
            LogLeaseLost();
        }
        else if (giveBack)
        {
            await GiveBackAsync(claim.Lease);
        }
    }

    /// <returns>Whether the run is to be given back.</returns>
    private async Task<bool> RunAsync(RunClaim claim, RunControl control, RunWriter writer, Activity? activity)
    {
        var traceId = WorkerTelemetry.TraceIdOf(claim.Processing ?? activity, claim.Request);
        if (claim.CancelRequested)
        {
            await control.CancelAsync();
        }
        else if (claim.Attempt > options.Value.MaxAttempts)
        {
            await RefuseAsync(claim, writer, RunErrors.AttemptsExhausted(options.Value.MaxAttempts), traceId);
            return false;
        }

        // As they are now: agents may change while this runs, and it keeps those it began with.
        var known = agents.Current;
        if (!known.TryGet(claim.Request.AgentName, out var agent))
        {
            await RefuseAsync(claim, writer, RunErrors.UnknownAgent(claim.Request.AgentName, known.Names), traceId);
            return false;
        }

        ResolvedModel model;
        ResolvedModel? fallback;
        try
        {
            model = Resolve(agent, claim.Request.Model, out fallback);
        }
        catch (ModelException exception)
        {
            await RefuseAsync(claim, writer, new RunError(exception.Code, exception.UserMessage), traceId);
            return false;
        }

        var client = WithFallback(model, fallback);
        var attached = await AttachedAsync(claim, model, control.Abandoned);
        var run = new RunDescription
        {
            Request = claim.Request,
            Attempt = claim.Attempt,
            ClaimNumber = claim.ClaimNumber,
            FirstStartedAt = claim.FirstStartedAt,
            Parked = claim.Parked,
            Approvals = claim.Approvals,
            Checkpoints = claim.Checkpoints,
            Turns = [.. claim.Conversation.Select(turn => new HistoryTurn(turn, attached))],
            Attached = attached,
            Unsettled = claim.Unsettled,
            CancelRequested = claim.CancelRequested,
            Traceparent = claim.Processing?.Id,
            Agent = ClientTools.Give(agent, claim.Request.Tools),
            Client = client,
            Model = model.DisplayName,
            ModelId = model.ModelId,
            Provider = model.Provider,
            TraceId = traceId,
            ContextTokens = windows.Of(model),
            Prices = prices,
            CanSummarise = SubAgents.CanSummarise(agent, model),
            SubAgents = new SubAgents(known, ModelOf, windows),
            ReadSteering = () => ReadSteeringAsync(claim.Lease, control, writer),
        };
        WorkerTelemetry.SetRun(activity, run);
        var loop = new ReActLoop(run, control, time, loggers.CreateLogger<ReActLoop>());
        WorkerTelemetry.LinkTo(claim.Processing, loop.PreviousAttempt);
        var hidden = claim.Request.EnableReasoning ? null : new HiddenReasoning();
        await foreach (var output in loop.RunAsync(control.Abandoned))
        {
            control.Abandoned.ThrowIfCancellationRequested();
            var priced = ReplyPrices.Put(output, run.PriceOf);
            switch (hidden is null ? priced : hidden.Filter(priced))
            {
                case LoopDelta delta:
                    await writer.AddAsync(delta.Delta);
                    break;
                case LoopCommit commit:
                    await writer.CommitAsync(commit);
                    if (control.HandBackRequested && commit.MayBeHandedBack)
                    {
                        return true;
                    }

                    break;
                case LoopTake take:
                    take.IsRefused = !await writer.TakeAsync(take);
                    break;
                case LoopPark park:
                    if (await writer.ParkAsync(park))
                    {
                        LogParked(park.Events.Count(e => e is ToolApprovalRequired));
                        return false;
                    }

                    break;
                case LoopEnd end:
                    await writer.EndAsync(end);
                    WorkerTelemetry.SetOutcome(activity, end);
                    LogEnd(end.Finished);
                    break;
                default:
                    break;
            }
        }

        return false;
    }

    /// <summary>The files of the run. Where the store is away, the run waits for them as it would for its first write.</summary>
    private async Task<AttachedContents> AttachedAsync(RunClaim claim, ResolvedModel model, CancellationToken abandoned)
    {
        while (true)
        {
            try
            {
                return await AttachedContents.ReadAsync(attachments, claim, model, options.Value.AttachmentCharacters, abandoned);
            }
            catch (StoreUnavailableException exception)
            {
                LogNoAttachments(exception);
                await Task.Delay(UntilStoreIsBack, time, abandoned);
            }
        }
    }

    /// <summary>What waits for the run, as far as its last write was told. A store that is away does not hold the run up.</summary>
    private async ValueTask<IReadOnlyList<RunRequest>> ReadSteeringAsync(RunLease lease, RunControl control, RunWriter writer)
    {
        try
        {
            return writer.HasSteering ? await queue.ReadSteeringAsync(lease, control.Abandoned) : [];
        }
        catch (StoreUnavailableException exception)
        {
            LogNotSteered(exception);
            return [];
        }
    }

    /// <exception cref="ModelException">The agent has none that could be asked.</exception>
    private ResolvedModel ModelOf(AgentDefinition agent)
    {
        var model = Resolve(agent, null, out var fallback);
        return model with { Client = WithFallback(model, fallback) };
    }

    /// <summary>
    /// The model to ask, and the one that stands in where it can't answer. A message that names a model means that one and no other.
    /// </summary>
    /// <exception cref="ModelException">There is neither.</exception>
    private ResolvedModel Resolve(AgentDefinition agent, string? asked, out ResolvedModel? fallback)
    {
        fallback = null;
        if (agent.Own is { } own && (asked is null || own.RunsAsAWhole))
        {
            return asked is null ? Named(own.Model) : throw new ModelException(
                ModelErrorCode.NotFound,
                $"The agent '{agent.Name}' answers by itself and takes no other model. Ask it without naming one.");
        }

        if (asked is not null)
        {
            return models.Resolve(asked);
        }

        if (agent.FallbackModel is null)
        {
            return Configured(agent.Model);
        }

        try
        {
            var model = Configured(agent.Model);
            fallback = TryResolve(agent.FallbackModel);
            return model;
        }
        catch (ModelException missing)
        {
            LogNoModel(agent.Name, missing.Code, agent.FallbackModel);
            return Configured(agent.FallbackModel);
        }
    }

    /// <summary>A model that an operator chose: metrics name it whatever becomes of it.</summary>
    /// <exception cref="ModelException">It is not there.</exception>
    private ResolvedModel Configured(string? reference) => Named(models.Resolve(reference));

    private static ResolvedModel Named(ResolvedModel model)
    {
        WorkerTelemetry.ModelNames.AddConfigured(model.ModelId);
        return model;
    }

    // Neither is disposed here: models belong to the catalog, and what stands before them owns nothing.
    private IChatClient WithFallback(ResolvedModel model, ResolvedModel? fallback) =>
        fallback is null ? model.Client : new FallbackChatClient(model, fallback, loggers.CreateLogger<FallbackChatClient>());

    private ResolvedModel? TryResolve(string reference)
    {
        try
        {
            return Configured(reference);
        }
        catch (ModelException missing)
        {
            LogNoFallback(reference, missing.Code);
            return null;
        }
    }

    /// <summary>A run that can't even begin says why.</summary>
    private async Task RefuseAsync(RunClaim claim, RunWriter writer, RunError error, string? traceId)
    {
        await writer.CommitAsync(new LoopCommit(
            [new RunStarted
            {
                AgentName = claim.Request.AgentName,
                Model = claim.Request.Model ?? "none",
                Attempt = claim.Attempt,
                TraceId = traceId,
            }]));
        await FailAsync(claim, writer, error);
        LogEndedFailed(error.Code, 0, 0);
    }

    private async Task FailAsync(RunClaim claim, RunWriter writer, RunError error)
    {
        // Numbers from far after the loop's own: this may come after any number of its steps.
        var steps = new StepFactory(claim.Lease.RunId, claim.ClaimNumber, claim.Request.AgentName, time, first: 1_000_000);
        var finished = new RunFinished
        {
            Status = RunStatus.Failed,
            Error = error.Message,
            ErrorCode = error.Code,
            DurationMs = Math.Round((time.GetUtcNow() - claim.FirstStartedAt - claim.Parked).TotalMilliseconds, 1),
        };
        var end = new LoopEnd([steps.Error(error.Message, 1)], null, finished);
        WorkerTelemetry.SetOutcome(Activity.Current, end);
        await writer.CloseAsync(steps, end);
    }

    /// <summary>An error of ours must not leave the run without an end; false if even that could not be written.</summary>
    private async Task<bool> TryFailAsync(RunClaim claim, RunControl control, RunWriter writer)
    {
        try
        {
            await FailAsync(claim, writer, RunErrors.Internal());
            return true;
        }
        catch (OperationCanceledException) when (control.Abandoned.IsCancellationRequested)
        {
            return false;
        }
        catch (Exception exception)
        {
            LogFailed(exception);
            return false;
        }
    }

    private async Task GiveBackAsync(RunLease lease)
    {
        try
        {
            var released = await queue.ReleaseAsync(lease, CancellationToken.None);
            LogGivenBack(released);
        }
        catch (StoreUnavailableException exception)
        {
            // The lease runs out by itself; another worker takes the run then.
            LogNotGivenBack(exception);
        }
    }

    private void LogEnd(RunFinished finished)
    {
        if (finished.Status == RunStatus.Failed)
        {
            LogEndedFailed(finished.ErrorCode, finished.Iterations, finished.DurationMs);
        }
        else
        {
            LogEnded(finished.Status, finished.Iterations, finished.DurationMs);
        }
    }

    [LoggerMessage(LogLevel.Warning, "What came with the run's messages can't be read; it is tried again in a moment")]
    private partial void LogNoAttachments(Exception exception);

    [LoggerMessage(LogLevel.Warning, "The model of agent {Agent} is not there ({Code}); {Fallback} answers")]
    private partial void LogNoModel(string agent, string code, string fallback);

    [LoggerMessage(LogLevel.Warning, "The fallback model {Model} is not there ({Code})")]
    private partial void LogNoFallback(string model, string code);

    [LoggerMessage(LogLevel.Warning, "What was said to the run meanwhile can't be read; it is looked for again at the next step")]
    private partial void LogNotSteered(Exception exception);

    [LoggerMessage(LogLevel.Information, "Run of agent {Agent} started, attempt {Attempt}")]
    private partial void LogStarted(string agent, int attempt);

    [LoggerMessage(LogLevel.Information, "Run ended: {Status} after {Iterations} replies and {DurationMs} ms")]
    private partial void LogEnded(RunStatus status, int iterations, double durationMs);

    [LoggerMessage(LogLevel.Information, "Run ended: Failed ({ErrorCode}) after {Iterations} replies and {DurationMs} ms")]
    private partial void LogEndedFailed(string? errorCode, int iterations, double durationMs);

    [LoggerMessage(LogLevel.Information, "Run waits for people: {Questions} calls need approval")]
    private partial void LogParked(int questions);

    [LoggerMessage(LogLevel.Error, "Run failed because of an error of ours")]
    private partial void LogFailed(Exception exception);

    [LoggerMessage(LogLevel.Warning, "The lease of the run was lost: another worker has it, or it was erased")]
    private partial void LogLeaseLost();

    [LoggerMessage(LogLevel.Information, "Run given back: {Released}")]
    private partial void LogGivenBack(bool released);

    [LoggerMessage(LogLevel.Warning, "The run could not be given back; its lease will run out")]
    private partial void LogNotGivenBack(Exception exception);
}
