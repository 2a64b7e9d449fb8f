using System.Diagnostics;
using System.Diagnostics.Metrics;
using AgentStream.Api.Commands;
using AgentStream.Api.Delivery;
using AgentStream.Messaging;
using AgentStream.Messaging.Transcript;

namespace AgentStream.Api.Telemetry;

/// <summary>Spans and metrics of what clients see. docs/observability.md lists them. No attribute of a metric holds an id.</summary>
internal static class ApiTelemetry
{
    public const string SourceName = "AgentStream.Api";

    private static readonly ActivitySource Source = new(SourceName);
    private static readonly Meter Meter = new(SourceName);

    private static readonly InstrumentAdvice<double> Latency = new()
    {
        HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    };

    private static readonly InstrumentAdvice<double> Waiting = new()
    {
        HistogramBucketBoundaries = [0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 20, 60, 300],
    };

    public static UpDownCounter<long> ConnectedClients { get; } = Meter.CreateUpDownCounter<long>(
        "agentstream.clients.connected", "{client}", "Clients that follow a session, by wire.");

    public static Counter<long> Resumes { get; } =
        Meter.CreateCounter<long>("agentstream.clients.resumes", "{client}", "Clients that came back and went on after their cursor.");

    public static Counter<long> Resyncs { get; } =
        Meter.CreateCounter<long>("agentstream.clients.resyncs", "{client}", "Clients that got a snapshot in place of entries, by reason.");

    public static Counter<long> SlowClients { get; } = Meter.CreateCounter<long>(
        "agentstream.clients.slow", "{client}", "Clients whose connection was cut because they took nothing for too long.");

    public static Histogram<double> DeliveryDuration { get; } = Meter.CreateHistogram(
        "agentstream.delivery.duration", "s", "From appending an entry to having written it to a client that follows live.",
        advice: Latency);

    public static Histogram<double> TimeToFirstToken { get; } = Meter.CreateHistogram(
        "agentstream.client.time_to_first_token", "s",
        "From taking a message to having written the first text of its run to a client that follows live.", advice: Waiting);

    /// <summary>Begins counters at zero: of a series that begins with its first event, <c>rate</c> does not see that event.</summary>
    public static void BeginCounters()
    {
        Resumes.Add(0);
        SlowClients.Add(0);
        foreach (var reason in Enum.GetValues<ResyncReason>())
        {
            Resyncs.Add(0, Reason(reason));
        }
    }

    /// <summary>Begins the span of a message that a client sent, in the client's own trace where it has one.</summary>
    public static Activity? StartChat(TraceContext trace, SessionId sessionId)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        var request = Activity.Current;
        if (!ActivityContext.TryParse(trace.Traceparent, trace.Tracestate, isRemote: true, out var parent))
        {
            return null;
        }

        // Over HTTP the request has a trace as well; where the message names another one, the two are tied together.
        var links = request is not null && request.TraceId != parent.TraceId ? new[] { new ActivityLink(request.Context) } : null;
        var activity = Source.StartActivity("chat received", ActivityKind.Server, parent, links: links);
        activity?.SetTag("gen_ai.conversation.id", sessionId.Value);
        return activity;
    }

    /// <summary>Says that a message could not be taken for a reason of ours.</summary>
    public static void Fail(Activity? activity, Exception exception)
    {
        activity?.SetTag("error.type", exception.GetType().FullName);
        activity?.SetStatus(ActivityStatusCode.Error);
    }

    public static KeyValuePair<string, object?> Wire(Wire wire)
        => new("agentstream.client.wire", wire switch
        {
            Delivery.Wire.WebSocket or Delivery.Wire.ShortWebSocket => "websocket",
            Delivery.Wire.EventStream => "sse",
            _ => "foreign",
        });

    public static KeyValuePair<string, object?> Reason(ResyncReason reason) => new("agentstream.resync.reason", reason switch
    {
        ResyncReason.Trimmed => "trimmed",
        ResyncReason.Epoch => "epoch",
        ResyncReason.Ahead => "ahead",
        _ => "too_slow",
    });
}
