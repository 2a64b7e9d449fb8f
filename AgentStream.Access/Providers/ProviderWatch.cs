using AgentStream.Access.Records;
using AgentStream.Messaging;
using AgentStream.Messaging.Log;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AgentStream.Access.Providers;

/// <summary>
/// Has the provider asked about everybody who is there, every few seconds: once for a sign-in, whatever it has open,
/// and however many servers it is open on.
/// </summary>
internal sealed partial class ProviderWatch(
    ActiveSignIns signIns, Func<ProviderRoles> roles, IAccessStore store, IOptions<OpenIdConnectAccessOptions> provider, TimeProvider time,
    ILogger<ProviderWatch> logger) : BackgroundService
{
    private const int AtOnce = 32;
    private const int LooksInAnInterval = 4;

    private PeriodicTimer? _timer;

    private TimeSpan Interval => provider.Value.RoleCheckInterval;

    private TimeSpan Pause => Interval / LooksInAnInterval;

    /// <summary>Not before: what is wrong with the settings is said by who checks them all.</summary>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        _timer = signIns.AreChecked ? new PeriodicTimer(Pause, time) : null;
        return base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _timer?.Dispose();
        base.Dispose();
    }

    /// <summary>Has the provider asked about those whose turn it is.</summary>
    internal Task LookAsync(CancellationToken cancellationToken)
        => Parallel.ForEachAsync(
            signIns.Due(), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, CheckAsync);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (_timer is not null && await _timer.WaitForNextTickAsync(stoppingToken))
            {
                await LookAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process ends.
        }
    }

    private async ValueTask CheckAsync(ActiveSignIns.Entry entry, CancellationToken cancellationToken)
    {
        try
        {
            // Whoever is first asks for all servers; a little less than the interval, so that its own next turn is free again.
            if (await store.TryTakeAsync($"ask:{entry.Caller.Credential}", Interval - (Pause / 2), cancellationToken))
            {
                entry.NotBefore = time.GetTimestamp() + (long)(Interval.TotalSeconds * time.TimestampFrequency);
                await roles().CheckAsync(entry.Caller, cancellationToken);
            }
        }
        catch (StoreUnavailableException)
        {
            // Without it no session can be read either; that it is away is said elsewhere.
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // A disk that is full, say. One look that fails must neither end the looks at all others nor the process.
            LogFailed(entry.Caller.Id, exception);
        }
    }

    [LoggerMessage(LogLevel.Error, "Whether {Principal} still has their roles could not be found out; it is tried again")]
    private partial void LogFailed(PrincipalId principal, Exception exception);
}
