using System.Diagnostics;
using System.Diagnostics.Metrics;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;
using AgentStream.Worker.Running.Calls;
using AgentStream.Worker.Running.ReAct;
using AgentStream.Worker.Tools;
using Microsoft.Extensions.AI;

namespace AgentStream.Worker.Telemetry;

/// <summary>Spans and metrics of what workers do. docs/observability.md lists them.</summary>
/// <remarks>
/// Names and attributes follow the OpenTelemetry conventions for generative AI (v1.41.1). No attribute of a metric holds an id.
/// </remarks>
internal static class WorkerTelemetry
{
    public const string SourceName = "AgentStream.Worker";

    private const string ToolError = "tool_error";

    private static readonly ActivitySource Source = new(SourceName);
    private static readonly Meter Meter = new(SourceName);

    // The boundaries that the conventions ask for.
    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92],
    };

    private static readonly InstrumentAdvice<long> Tokens = new()
    {
        HistogramBucketBoundaries =
        [
            1, 4, 16, 64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864,
        ],
    };

    public static UpDownCounter<long> RunsInProgress { get; } = Meter.CreateUpDownCounter<long>(
        "agentstream.runs.in_progress", "{run}", "Runs that workers have under way.");

    public static Histogram<double> ToolDuration { get; } = Meter.CreateHistogram(
        "agentstream.tool.call.duration", "s", "Tool calls; error.type tells those that failed.", advice: Seconds);

    public static Histogram<double> OperationDuration { get; } = Meter.CreateHistogram(
        "gen_ai.client.operation.duration", "s", "GenAI operation duration.", advice: Seconds);

    public static Histogram<double> TimeToFirstChunk { get; } = Meter.CreateHistogram(
        "gen_ai.client.operation.time_to_first_chunk",
        "s",
        "Time to receive the first chunk, measured from when the client issues the generation request to when the first chunk is received "
            + "in the response stream.",
        advice: Seconds);

    public static Histogram<double> TimePerOutputChunk { get; } = Meter.CreateHistogram(
        "gen_ai.client.operation.time_per_output_chunk",
        "s",
        "Time per output chunk, recorded for each chunk received after the first one, measured as the time elapsed from the end of the "
            + "previous chunk to the end of the current chunk.",
        advice: Seconds);

    public static Histogram<long> TokenUsage { get; } = Meter.CreateHistogram(
        "gen_ai.client.token.usage", "{token}", "Number of input and output tokens used.", advice: Tokens);

    /// <summary>Decides which models the metrics of this process name.</summary>
    public static ModelNames ModelNames { get; } = new();

    /// <summary>
    /// Tells whether prompts, answers, arguments and results go into spans: only
    /// where the standard variable <c>OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT</c> says <c>true</c>.
    /// </summary>
    public static bool CapturesContent { get; } =
        string.Equals(
            Environment.GetEnvironmentVariable("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"), "true",
            StringComparison.OrdinalIgnoreCase);

    /// <summary>Begins the span of an agent at work: a run, or the part of one that was handed to another agent.</summary>
    public static Activity? StartAgent(string agent, RunRequest request, int attempt)
    {
        var activity = Source.StartActivity(
            $"invoke_agent {agent}", ActivityKind.Internal, parentContext: default,
            tags: [new("gen_ai.operation.name", "invoke_agent"), new("gen_ai.agent.name", agent)]);
        if (activity is { IsAllDataRequested: true })
        {
            activity.SetTag("gen_ai.conversation.id", request.SessionId.Value);
            activity.SetTag("agentstream.run.id", request.RunId.Value);
            activity.SetTag("agentstream.run.attempt", attempt);
        }

        return activity;
    }

    /// <summary>Says what the agent is asked, and with which model it works.</summary>
    public static void SetRun(Activity? activity, RunDescription run)
    {
        if (activity is not { IsAllDataRequested: true })
        {
            return;
        }

        activity.SetTag("gen_ai.provider.name", run.Provider);
        activity.SetTag("gen_ai.request.model", run.ModelId);
        activity.SetTag("gen_ai.agent.description", run.Agent.Description is { Length: > 0 } description ? description : null);
        if (CapturesContent)
        {
            GenAIContent.SetTask(activity, run.Agent.Instructions, run.Request.Message);
        }
    }

    /// <summary>Says how the run ended.</summary>
    public static void SetOutcome(Activity? activity, LoopEnd end)
    {
        if (activity is not { IsAllDataRequested: true })
        {
            return;
        }

        var finished = end.Finished;
        if (CapturesContent
            && end.Events.OfType<ReasoningStep>().LastOrDefault(step => step.StepType == StepType.FinalAnswer) is { } answer)
        {
            GenAIContent.SetAnswer(activity, answer.Content);
        }

        activity.SetTag("agentstream.run.status", Outcome(finished.Status));
        activity.SetTag("agentstream.run.iterations", finished.Iterations);
        if (finished.Usage is { } usage)
        {
            activity.SetTag("gen_ai.usage.input_tokens", usage.InputTokens);
            activity.SetTag("gen_ai.usage.output_tokens", usage.OutputTokens);
        }

        if (finished.Status == RunStatus.Failed)
        {
            activity.SetTag("error.type", finished.ErrorCode ?? "failed");
            activity.SetStatus(ActivityStatusCode.Error);
        }
    }

    /// <summary>Begins the span of a tool call.</summary>
    public static Activity? StartTool(AgentTool tool, string callId, AIFunctionArguments arguments)
    {
        // Only shown with the tool's name: where an activity is *called* "execute_tool x", the MCP SDK makes no span of its own beneath it.
        var activity = Source.StartActivity(
            "execute_tool", ActivityKind.Internal, parentContext: default,
            tags: [new("gen_ai.operation.name", "execute_tool"), new("gen_ai.tool.name", tool.Name)]);
        if (activity is { IsAllDataRequested: true })
        {
            activity.DisplayName = $"execute_tool {tool.Name}";
            activity.SetTag("gen_ai.tool.type", tool.Type);
            activity.SetTag("gen_ai.tool.description", tool.Description is { Length: > 0 } description ? description : null);
            activity.SetTag("gen_ai.tool.call.id", callId);
            if (CapturesContent)
            {
                activity.SetTag("gen_ai.tool.call.arguments", GenAIContent.ArgumentsOf(arguments));
            }
        }

        return activity;
    }

    /// <summary>Says what became of a tool call.</summary>
    public static void EndTool(Activity? activity, string tool, ToolOutcome outcome)
    {
        var tags = new TagList { new("gen_ai.tool.name", tool) };
        if (outcome.IsError)
        {
            tags.Add("error.type", ToolError);
            activity?.SetTag("error.type", ToolError);
            activity?.SetStatus(ActivityStatusCode.Error);
        }
        else if (CapturesContent)
        {
            activity?.SetTag("gen_ai.tool.call.result", outcome.Content);
        }

        ToolDuration.Record(outcome.Duration.TotalSeconds, tags);
    }

    /// <summary>Begins the span of a reply.</summary>
    public static Activity? StartChat(string model, IEnumerable<KeyValuePair<string, object?>> tags)
        => Source.StartActivity($"chat {model}", ActivityKind.Client, parentContext: default, tags: tags);

    /// <summary>Ties this attempt to the one whose work it goes on with.</summary>
    public static void LinkTo(Activity? activity, string? previous)
    {
        if (activity is not null && ActivityContext.TryParse(previous, null, isRemote: true, out var context))
        {
            activity.AddLink(new ActivityLink(context, new ActivityTagsCollection { ["agentstream.link"] = "previous_attempt" }));
        }
    }

    /// <summary>The trace also where nobody records it here: the client may still look it up elsewhere.</summary>
    public static string? TraceIdOf(Activity? activity, RunRequest request)
        => activity?.TraceId.ToHexString()
            ?? (ActivityContext.TryParse(request.Traceparent, request.Tracestate, out var parent) ? parent.TraceId.ToHexString() : null);

    private static string Outcome(RunStatus status) => status switch
    {
        RunStatus.Completed => "completed",
        RunStatus.Failed => "failed",
        _ => "cancelled",
    };
}
