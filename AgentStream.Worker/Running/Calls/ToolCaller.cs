using AgentStream.Worker.Agents;
using AgentStream.Worker.Running.Checkpoints;
using AgentStream.Worker.Telemetry;
using AgentStream.Worker.Tools;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Running.Calls;

/// <summary>
/// Executes one tool call and makes of whatever happens something that the model can read. Never throws for what the tool does.
/// </summary>
internal sealed partial class ToolCaller(AgentDefinition agent, TimeProvider time, ILogger logger)
{
    /// <summary>The time that a tool that was told to stop may take to do so, before the run goes on without it.</summary>
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(2);

    public AgentTool? Find(string name) => agent.Tools.FirstOrDefault(tool => tool.Name == name);

    /// <summary>Tells whether the call can begin; if not, what the model shall read instead.</summary>
    public bool TryPrepare(RecordedCall call, out AgentTool? tool, out AIFunctionArguments? arguments, out ToolOutcome? refusal)
    {
        arguments = null;
        refusal = null;
        tool = Find(call.Name);
        if (tool is null)
        {
            refusal = new ToolOutcome($"There is no tool called '{call.Name}'. {Offer()}") { IsError = true };
            return false;
        }

        if (!tool.TryParseArguments(call.Arguments, out arguments, out var error))
        {
            refusal = new ToolOutcome($"The arguments of {call.Name} can't be used: {error}") { IsError = true };
            return false;
        }

        return true;
    }

    public async Task<ToolOutcome> CallAsync(
        AgentTool tool, AIFunctionArguments arguments, ToolContext context, CancellationToken cancelled)
    {
        using var activity = WorkerTelemetry.StartTool(tool, context.ToolCallId, arguments);
        var outcome = await ExecuteAsync(tool, arguments, context, cancelled);
        WorkerTelemetry.EndTool(activity, tool.Name, outcome);
        var (shown, result) = context.Output.Close(outcome.Content, outcome.IsError);
        return outcome with { Content = result, Shown = shown == result ? null : shown };
    }

    private async Task<ToolOutcome> ExecuteAsync(
        AgentTool tool, AIFunctionArguments arguments, ToolContext context, CancellationToken cancelled)
    {
        var timeout = tool.Timeout ?? agent.Limits.ToolTimeout;
        var startedAt = time.GetTimestamp();
        using var timer = new CancellationTokenSource(timeout, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancelled);

        // On another thread, because a tool that computes without ever awaiting must not hold up the run.
        var work = Task.Run(() => tool.InvokeAsync(arguments, context, stop.Token).AsTask(), CancellationToken.None);
        try
        {
            await work.WaitAsync(stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested && !work.IsCompleted)
        {
            await WaitForStopAsync(work);
        }
        catch (Exception) when (work.IsCompleted)
        {
            // Told apart below.
        }

        var duration = time.GetElapsedTime(startedAt);
        if (work.IsCompletedSuccessfully)
        {
            return new ToolOutcome(await work, duration);
        }

        if (!work.IsCompleted)
        {
            LogIgnoresStop(tool.Name);
            Observe(work);
        }

        if (cancelled.IsCancellationRequested)
        {
            return new ToolOutcome("Cancelled before it was done." + Doubt(tool), duration)
            {
                IsError = true,
                InDoubt = !tool.IsIdempotent,
            };
        }

        if (timer.IsCancellationRequested)
        {
            return new ToolOutcome(
                $"The tool did not answer within {timeout.TotalSeconds:0.###} s and was stopped." + Doubt(tool), duration)
            {
                IsError = true,
                InDoubt = !tool.IsIdempotent,
            };
        }

        switch (work.Exception?.InnerException)
        {
            case ToolException known:
                var inDoubt = known.InDoubt && !tool.IsIdempotent;
                return new ToolOutcome(known.Message + (inDoubt ? Doubt(tool) : ""), duration) { IsError = true, InDoubt = inDoubt };
            case { } unknown:
                LogToolFailed(unknown, tool.Name);
                break;
            default:
                LogToolStopped(tool.Name);
                break;
        }

        return tool.IsIdempotent
            ? new ToolOutcome($"The tool {tool.Name} failed. It can be tried once more, or done without.", duration) { IsError = true }
            : new ToolOutcome($"The tool {tool.Name} failed.{Doubt(tool)} Check before trying again.", duration)
            {
                IsError = true,
                InDoubt = true,
            };
    }

    private static string Doubt(AgentTool tool) => tool.IsIdempotent ? "" : " It is not known whether it took effect.";

    private async Task WaitForStopAsync(Task work)
    {
        try
        {
            await work.WaitAsync(StopGrace, time);
        }
        catch (TimeoutException)
        {
            // The caller sees that it is not completed.
        }
        catch (Exception) when (work.IsCompleted)
        {
            // Told apart by the caller.
        }
    }

    /// <summary>A tool that nobody waits for any more may still fail; that belongs into the log.</summary>
    private void Observe(Task work) => work.ContinueWith(
        (done, state) => LogToolFailed(done.Exception!, (string)state!),
        "(stopped)",
        CancellationToken.None,
        TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
        TaskScheduler.Default);

    private string Offer() => agent.Tools.Count == 0
        ? "There are no tools: answer without."
        : $"The tools are: {string.Join(", ", agent.Tools.Select(tool => tool.Name))}.";

    [LoggerMessage(LogLevel.Warning, "Tool {Tool} failed")]
    private partial void LogToolFailed(Exception exception, string tool);

    [LoggerMessage(LogLevel.Warning, "Tool {Tool} stopped itself without being asked to")]
    private partial void LogToolStopped(string tool);

    [LoggerMessage(LogLevel.Error, "Tool {Tool} ignores that it was told to stop; the run goes on without it")]
    private partial void LogIgnoresStop(string tool);
}
