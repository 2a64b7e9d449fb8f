using System.Collections.Concurrent;
using System.Net;
using System.Text;
using AgentStream.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace AgentStream.Tests.Observability.Collector;

/// <summary>A span as it came over the wire.</summary>
internal sealed record ReceivedSpan(
    string Service,
    string Scope,
    string TraceId,
    string SpanId,
    string ParentId,
    string Name,
    int Kind,
    IReadOnlyDictionary<string, string> Attributes,
    IReadOnlyList<(string TraceId, string SpanId)> Links,
    ulong StartNanoseconds,
    ulong EndNanoseconds)
{
    /// <summary>Which process of the service (<c>service.instance.id</c>).</summary>
    public required string Instance { get; init; }

    /// <summary>W3C <c>tracestate</c>.</summary>
    public required string TraceState { get; init; }

    /// <summary>0 unset, 1 ok, 2 error.</summary>
    public required int Status { get; init; }

    public required string StatusMessage { get; init; }

    /// <summary>Names of its events; an exception would be one.</summary>
    public required IReadOnlyList<string> Events { get; init; }

    public const int Error = 2;
    public const int Internal = 1;
    public const int Server = 2;
    public const int Client = 3;
    public const int Producer = 4;
    public const int Consumer = 5;
}

/// <summary>
/// A metric as it came over the wire: the attributes of each of its points, and beside them its value, of a histogram the sum.
/// </summary>
internal sealed record ReceivedMetric(
    string Service,
    string Instance,
    string Name,
    string Unit,
    string Description,
    IReadOnlyList<IReadOnlyDictionary<string, string>> Points,
    IReadOnlyList<double> Values);

/// <summary>A log record as it came over the wire.</summary>
internal sealed record ReceivedLog(string Service, string Body, string TraceId, IReadOnlyDictionary<string, string> Attributes);

/// <summary>Takes OTLP over HTTP, as a real backend does, and keeps it.</summary>
internal sealed class OtlpCollector : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Lock _lock = new();
    private readonly List<(Func<object, bool> Fits, TaskCompletionSource Seen)> _waiting = [];

    private OtlpCollector(WebApplication app) => _app = app;

    public ConcurrentQueue<ReceivedSpan> Spans { get; } = [];

    public ConcurrentQueue<ReceivedMetric> Metrics { get; } = [];

    public ConcurrentQueue<ReceivedLog> Logs { get; } = [];

    /// <summary>All that came, as text: protobuf holds each string as it is.</summary>
    public ConcurrentQueue<string> Bodies { get; } = [];

    /// <summary>The settings that make a service export here, soon.</summary>
    public (string Name, string? Value)[] Settings =>
    [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", _app.Urls.First()),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
        ("OTEL_BSP_SCHEDULE_DELAY", "50"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "500"),
        ("OTEL_BLRP_SCHEDULE_DELAY", "50"),
    ];

    public static async Task<OtlpCollector> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var collector = new OtlpCollector(app);
        app.MapPost("/v1/traces", request => collector.ReadAsync(request, collector.TakeTraces));
        app.MapPost("/v1/metrics", request => collector.ReadAsync(request, collector.TakeMetrics));
        app.MapPost("/v1/logs", request => collector.ReadAsync(request, collector.TakeLogs));
        await app.StartAsync();
        return collector;
    }

    /// <summary>Waits until a span of this name was received; one that was before counts too.</summary>
    public Task WaitForSpanAsync(string name) => WaitAsync(one => one is ReceivedSpan span && span.Name == name);

    /// <summary>Waits until a metric of this name was received; one that was before counts too.</summary>
    public Task WaitForMetricAsync(string name) => WaitAsync(one => one is ReceivedMetric metric && metric.Name == name);

    /// <summary>Waits until a metric of this name had a point with this value; one that was before counts too.</summary>
    public Task WaitForValueAsync(string name, double value)
        => WaitAsync(one => one is ReceivedMetric metric && metric.Name == name && metric.Values.Contains(value));

    private Task WaitAsync(Func<object, bool> fits)
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (Spans.Any(fits) || Metrics.Any(fits))
            {
                seen.SetResult();
            }

            _waiting.Add((fits, seen));
        }

        return seen.Task.WaitAsync(TestTimeouts.Default);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task ReadAsync(HttpContext context, Action<OtlpMessage> take)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        Bodies.Enqueue(Encoding.UTF8.GetString(body.GetBuffer().AsSpan(0, (int)body.Length)));
        take(OtlpMessage.Parse(body.ToArray()));
        context.Response.ContentType = "application/x-protobuf";
    }

    private static IEnumerable<(string Service, string Instance, string Scope, OtlpMessage Item)> Items(OtlpMessage export)
        => from resource in export.Messages(1)
           let attributes = resource.Messages(1).Select(one => one.Attributes(1)).Single()
           from scope in resource.Messages(2)
           let name = scope.Messages(1).Select(one => one.Text(1)).FirstOrDefault("")
           from item in scope.Messages(2)
           select (attributes.GetValueOrDefault("service.name", ""), attributes.GetValueOrDefault("service.instance.id", ""), name, item);

    private void TakeTraces(OtlpMessage export)
    {
        foreach (var (service, instance, scope, span) in Items(export))
        {
            var status = span.Messages(15).FirstOrDefault();
            Take(Spans, new ReceivedSpan(
                service, scope, span.Hex(1), span.Hex(2), span.Hex(4), span.Text(5), (int)span.Number(6), span.Attributes(9),
                [.. span.Messages(13).Select(link => (link.Hex(1), link.Hex(2)))], span.Number(7), span.Number(8))
            {
                Instance = instance,
                TraceState = span.Text(3),
                Status = (int)(status?.Number(3) ?? 0),
                StatusMessage = status?.Text(2) ?? "",
                Events = [.. span.Messages(11).Select(one => one.Text(2))],
            });
        }
    }

    private void Take<T>(ConcurrentQueue<T> kept, T received)
        where T : class
    {
        lock (_lock)
        {
            kept.Enqueue(received);
            _waiting.FindAll(one => one.Fits(received)).ForEach(one => one.Seen.TrySetResult());
        }
    }

    private void TakeMetrics(OtlpMessage export)
    {
        // gauge, sum and histogram: their points are field 1 of each, their attributes field 7, in histograms 9.
        foreach (var (service, instance, _, metric) in Items(export))
        {
            List<(IReadOnlyDictionary<string, string> Attributes, double Value)> points = [
                .. metric.Messages(5).Concat(metric.Messages(7)).SelectMany(data => data.Messages(1))
                    .Select(point => (point.Attributes(7), point.Has(4) ? point.Double(4) : (long)point.Number(6))),
                .. metric.Messages(9).SelectMany(data => data.Messages(1)).Select(point => (point.Attributes(9), point.Double(5)))];
            Take(Metrics, new ReceivedMetric(
                service, instance, metric.Text(1), metric.Text(3), metric.Text(2), [.. points.Select(point => point.Attributes)],
                [.. points.Select(point => point.Value)]));
        }
    }

    private void TakeLogs(OtlpMessage export)
    {
        foreach (var (service, _, _, record) in Items(export))
        {
            Logs.Enqueue(new ReceivedLog(
                service, record.Messages(5).Select(OtlpMessage.ValueOf).FirstOrDefault(""), record.Hex(9), record.Attributes(6)));
        }
    }
}
