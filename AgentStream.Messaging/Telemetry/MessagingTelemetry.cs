using System.Diagnostics;
using System.Diagnostics.Metrics;
using AgentStream.Messaging.Protocol;
using AgentStream.Messaging.Queue;

namespace AgentStream.Messaging.Telemetry;

/// <summary>Spans and metrics of what flows between API and workers. docs/observability.md lists them.</summary>
/// <remarks>Names and attributes follow the OpenTelemetry conventions for messaging. No attribute of a metric holds an id.</remarks>
internal static class MessagingTelemetry
{
    public const string SourceName = "AgentStream.Messaging";

    /// <summary>The destination at which runs wait for a worker.</summary>
    public const string RunsDestination = "agentstream.runs";

    /// <summary>The destination of runs' events, on their way to followers.</summary>
    public const string LogDestination = "agentstream.log";

    private const string ConsumerGroup = "agentstream.workers";

    public static ActivitySource Source { get; } = new(SourceName);
    private static readonly Meter Meter = new(SourceName);

    private static readonly InstrumentAdvice<double> Latency = new()
    {
        HistogramBucketBoundaries = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    };

    private static readonly InstrumentAdvice<double> Waiting = new()
    {
        HistogramBucketBoundaries = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900],
    };

    public static Counter<long> RunsQueued { get; } =
        Meter.CreateCounter<long>("agentstream.runs.queued", "{run}", "Messages taken, each with the run it asks for.");

    public static Counter<long> RunsFinished { get; } =
        Meter.CreateCounter<long>("agentstream.runs.finished", "{run}", "Runs that ended, by outcome.");

    public static Counter<long> Takeovers { get; } =
        Meter.CreateCounter<long>("agentstream.runs.takeovers", "{run}", "Claims of a run whose worker was lost.");

    public static Histogram<double> QueueTime { get; } = Meter.CreateHistogram(
        "agentstream.runs.queue_time", "s", "From taking a message to the first claim of its run.", advice: Waiting);

    public static Gauge<long> QueueDepth { get; } = Meter.CreateGauge<long>(
        "agentstream.queue.depth", "{session}",
        "Sessions with a run that waits for a worker. Every worker says the same of one store: take the maximum.");

    public static Gauge<double> QueueAge { get; } = Meter.CreateGauge<double>(
        "agentstream.queue.age", "s",
        "For how long the first of those sessions has waited. Every worker says the same of one store: take the maximum.");

    public static Gauge<long> ApprovalsWaiting { get; } = Meter.CreateGauge<long>(
        "agentstream.approvals.waiting", "{session}",
        "Sessions whose run waits for a person, up to a thousand. Every worker says the same of one store: take the maximum.");

    public static Counter<long> ApprovalsAnswered { get; } = Meter.CreateCounter<long>(
        "agentstream.approvals.answered", "{approval}", "Tool calls that a person approved or refused.");

    public static Counter<long> Entries { get; } =
        Meter.CreateCounter<long>("agentstream.log.entries", "{entry}", "Entries that runs appended to session logs, by type.");

    public static Histogram<double> AppendDuration { get; } = Meter.CreateHistogram(
        "agentstream.log.append.duration", "s", "One atomic append to a session log, as its writer sees it.", advice: Latency);

    public static Histogram<long> Tries { get; } = Meter.CreateHistogram(
        "agentstream.redis.tries", "{try}", "How often a command was decided until nobody else had written meanwhile, by command.",
        advice: new InstrumentAdvice<long> { HistogramBucketBoundaries = [1, 2, 3, 5, 10, 20, 50] });

    /// <summary>
    /// Begins the counters that alerts watch at zero: of a series that begins with its first failure,
    /// <c>rate</c> and <c>increase</c> do not see that failure.
    /// </summary>
    public static void BeginCounters()
    {
        Takeovers.Add(0);
        RunsQueued.Add(0);
        foreach (var status in Enum.GetValues<RunStatus>())
        {
            RunsFinished.Add(0, Outcome(status));
        }

        ApprovalsAnswered.Add(0, Approval(approved: true));
        ApprovalsAnswered.Add(0, Approval(approved: false));
    }

    public static KeyValuePair<string, object?> Approval(bool approved) => new("agentstream.approval.approved", approved);

    /// <summary>Begins the span of putting a run into the queue; its context goes with the run.</summary>
    public static Activity? StartSend(StoreSystem system, RunRequest request) => !Source.HasListeners() ? null : Source.StartActivity(
        $"send {RunsDestination}",
        ActivityKind.Producer,
        Activity.Current?.Context ?? Parse(request.Traceparent, request.Tracestate),
        Describe(system, "send", RunsDestination, request.RunId, request.SessionId));

    /// <summary>Begins the span of a claim: all that a worker does for a run until it ends or is handed on.</summary>
    public static Activity? StartProcess(StoreSystem system, RunClaim claim)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        var producer = Parse(claim.Request.Traceparent, claim.Request.Tracestate);
        var tags = Describe(system, "process", RunsDestination, claim.Lease.RunId, claim.Lease.SessionId);
        tags.Add("messaging.consumer.group.name", ConsumerGroup);
        tags.Add("agentstream.run.attempt", claim.Attempt);
        return Source.StartActivity($"process {RunsDestination}", ActivityKind.Consumer, producer, tags, LinksTo(producer));
    }

    /// <summary>Begins the span of the first entry of an attempt; its context goes with that entry to those who follow.</summary>
    public static Activity? StartAppend(StoreSystem system, RunLease lease) => !Source.HasListeners() ? null : Source.StartActivity(
        $"send {LogDestination}", ActivityKind.Producer, parentContext: default,
        Describe(system, "send", LogDestination, lease.RunId, lease.SessionId));

    /// <summary>Begins the span of a delivery, at the moment of the append.</summary>
    public static Activity? StartDelivery(
        StoreSystem system, ActivityContext producer, SessionId sessionId, RunId runId, DateTimeOffset appended) => Source.StartActivity(
        $"process {LogDestination}", ActivityKind.Consumer, producer, Describe(system, "process", LogDestination, runId, sessionId),
        LinksTo(producer), appended);

    public static void Fail(Activity? activity, Exception exception)
    {
        activity?.SetTag("error.type", exception.GetType().FullName);
        activity?.SetStatus(ActivityStatusCode.Error);
    }

    public static KeyValuePair<string, object?> Outcome(RunStatus status) => new("agentstream.run.status", status switch
    {
        RunStatus.Completed => "completed",
        RunStatus.Failed => "failed",
        _ => "cancelled",
    });

    public static ActivityContext Parse(string? traceparent, string? tracestate)
        => ActivityContext.TryParse(traceparent, tracestate, isRemote: true, out var context) ? context : default;

    private static ActivityLink[]? LinksTo(ActivityContext producer) => producer == default ? null : [new ActivityLink(producer)];

    // There from the start, where samplers look.
    private static ActivityTagsCollection Describe(
        StoreSystem system, string operation, string destination, RunId runId, SessionId sessionId)
    {
        var tags = new ActivityTagsCollection
        {
            { "messaging.system", system.Name },
            { "messaging.operation.name", operation },
            { "messaging.operation.type", operation },
            // The name of earlier conventions, which the Aspire dashboard's summary line reads.
            { "messaging.operation", operation },
            { "messaging.destination.name", destination },
            { "messaging.message.id", runId.Value },
            { "messaging.message.conversation_id", sessionId.Value },
            { "gen_ai.conversation.id", sessionId.Value },
        };
        if (system.Address is not null)
        {
            tags.Add("server.address", system.Address);
            tags.Add("server.port", system.Port);
        }

        return tags;
    }
}
