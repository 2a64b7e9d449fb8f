using StackExchange.Redis;

namespace AgentStream.Messaging.Redis.Connection.Routes;

/// <summary>The route of this process, where its connection string names Sentinels (<c>serviceName=…</c>).</summary>
internal sealed class SentinelRoutes : IDisposable
{
    /// <summary><c>null</c>: there is no connection yet, or it goes by no Sentinel.</summary>
    public SentinelRoute? Route { get; private set; }

    /// <summary>Sees to it that a connection which is about to be made finds its way.</summary>
    /// <param name="options">What it is made with.</param>
    /// <param name="user">For the Sentinels.</param>
    /// <param name="password">For the Sentinels.</param>
    public void Lead(ConfigurationOptions options, string? user, string? password)
    {
        if (options.Tunnel is not null)
        {
            // Somebody leads it already.
            return;
        }

        if (string.IsNullOrEmpty(options.ServiceName))
        {
            options.Tunnel = new PatientTunnel(PatientTunnel.PatienceOf(options));
            return;
        }

        Route = new SentinelRoute(options.Clone(), user, password);
        Route.TakeOver(options);
    }

    public void Dispose() => Route?.Dispose();
}
