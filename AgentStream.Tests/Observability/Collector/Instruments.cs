using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using AgentStream.Api.Telemetry;
using AgentStream.Messaging.Telemetry;
using AgentStream.Worker.Telemetry;

namespace AgentStream.Tests.Observability.Collector;

/// <summary>All instruments that the code has.</summary>
internal static class Instruments
{
    private static readonly string[] Meters = [MessagingTelemetry.SourceName, WorkerTelemetry.SourceName, ApiTelemetry.SourceName];

    public static IReadOnlyList<Instrument> All { get; } = Collect();

    /// <summary>What Prometheus calls the series of an instrument that comes over OTLP.</summary>
    public static IEnumerable<string> PrometheusNamesOf(Instrument instrument)
    {
        var name = instrument.Name.Replace('.', '_') + (instrument.Unit == "s" ? "_seconds" : "");
        return instrument switch
        {
            Counter<long> => [$"{name}_total"],
            Histogram<long> or Histogram<double> => [$"{name}_bucket", $"{name}_sum", $"{name}_count"],
            _ => [name],
        };
    }

    /// <summary>The word for its kind in the documentation.</summary>
    public static string KindOf(Instrument instrument) => instrument switch
    {
        Counter<long> => "counter",
        UpDownCounter<long> => "up-down counter",
        Gauge<long> or Gauge<double> => "gauge",
        _ => "histogram",
    };

    private static List<Instrument> Collect()
    {
        List<Instrument> found = [];
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (Meters.Contains(instrument.Meter.Name))
            {
                found.Add(instrument);
            }
        };
        RuntimeHelpers.RunClassConstructor(typeof(MessagingTelemetry).TypeHandle);
        RuntimeHelpers.RunClassConstructor(typeof(WorkerTelemetry).TypeHandle);
        RuntimeHelpers.RunClassConstructor(typeof(ApiTelemetry).TypeHandle);
        listener.Start();
        return found;
    }
}
