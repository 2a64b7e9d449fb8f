using System.Diagnostics;
using AgentStream.Messaging.Queue;

namespace AgentStream.Worker.Running;

/// <summary>Keeps a run in the trace of the click that caused it.</summary>
internal static class WorkerTelemetry
{
    public const string SourceName = "AgentStream.Worker";

    private static readonly ActivitySource Source = new(SourceName);

    public static Activity? StartRun(RunRequest request)
    {
        ActivityContext.TryParse(request.Traceparent, request.Tracestate, isRemote: true, out var parent);
        var activity = Source.StartActivity($"invoke_agent {request.AgentName}", ActivityKind.Internal, parent);
        activity?.SetTag("gen_ai.operation.name", "invoke_agent");
        activity?.SetTag("gen_ai.agent.name", request.AgentName);
        activity?.SetTag("gen_ai.conversation.id", request.SessionId.Value);
        return activity;
    }

    /// <summary>The trace also where nobody records it here: the client may still look it up elsewhere.</summary>
    public static string? TraceIdOf(Activity? activity, RunRequest request)
        => activity?.TraceId.ToHexString()
            ?? (ActivityContext.TryParse(request.Traceparent, request.Tracestate, out var parent) ? parent.TraceId.ToHexString() : null);
}
