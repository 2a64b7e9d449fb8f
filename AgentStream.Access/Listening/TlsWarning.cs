using System.Net;
using AgentStream.ServiceDefaults.Proxies;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AgentStream.Access.Listening;

/// <summary>
/// Says at the start that nobody from elsewhere will get in: the cookie of a sign-in is for TLS alone,
/// and there is no TLS, neither here nor at a proxy that this service knows of.
/// </summary>
internal sealed partial class TlsWarning(
    AccessWays ways,
    IOptions<AccessOptions> access,
    IOptions<ReverseProxyOptions> proxies,
    IServiceProvider services,
    ILogger<TlsWarning> logger) : IHostedLifecycleService
{
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        var addresses = services.GetService<IServer>()?.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        if (ways.HasSignIn && access.Value.Tls && proxies.Value.Proxies.Length == 0
            && !addresses.Any(address => address.StartsWith("https:", StringComparison.OrdinalIgnoreCase))
            && addresses.Any(IsForOthers))
        {
            LogPlain(string.Join(", ", addresses));
        }

        return Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Of this machine alone a browser takes the cookie without TLS, too.</summary>
    private static bool IsForOthers(string address)
    {
        var host = BindingAddress.Parse(address).Host.Trim('[', ']');
        return !host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            && !(IPAddress.TryParse(host, out var ip) && IPAddress.IsLoopback(ip));
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "AgentStream:Access:Tls is true, and people reach this service by plain http ({Addresses}): browsers of other machines "
            + "keep no sign-in. Serve https, name the proxy that does in AgentStream:Proxies, or set AgentStream:Access:Tls to false.")]
    private partial void LogPlain(string addresses);
}
