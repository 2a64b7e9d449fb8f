using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AgentStream.ServiceDefaults.Stopping;

/// <summary>
/// The lifetime of a service that drains: with SIGTERM it only stops being ready; when the time for that is over it stops.
/// A second SIGTERM, Ctrl+C or SIGQUIT stop it at once.
/// </summary>
internal sealed partial class DrainingLifetime(
    IHostApplicationLifetime application,
    DrainingCheck check,
    IOptions<ShutdownOptions> options,
    TimeProvider time,
    ILogger<DrainingLifetime> logger) : IHostLifetime, IDisposable
{
    private readonly List<PosixSignalRegistration> _signals = [];
    private readonly Lock _gate = new();
    private ITimer? _timer;

    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => Hear(signal, Terminate)));
        _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => Hear(signal, application.StopApplication)));
        _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGQUIT, signal => Hear(signal, application.StopApplication)));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        _signals.ForEach(signal => signal.Dispose());
        lock (_gate)
        {
            _timer?.Dispose();
        }
    }

    /// <summary>Begins to drain, or stops where it has begun before.</summary>
    internal void Terminate()
    {
        lock (_gate)
        {
            if (_timer is null)
            {
                LogDraining(options.Value.DrainTime.TotalSeconds);
                check.Begin();
                _timer = time.CreateTimer(_ => application.StopApplication(), null, options.Value.DrainTime, Timeout.InfiniteTimeSpan);
                return;
            }
        }

        application.StopApplication();
    }

    // Else the runtime ends the process by itself.
    private static void Hear(PosixSignalContext signal, Action act)
    {
        signal.Cancel = true;
        act();
    }

    [LoggerMessage(LogLevel.Information, "Stopping in {Seconds} s; until then /health answers 503 and everything else goes on.")]
    private partial void LogDraining(double seconds);
}
