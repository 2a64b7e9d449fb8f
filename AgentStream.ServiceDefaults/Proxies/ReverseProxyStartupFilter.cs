using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;

namespace AgentStream.ServiceDefaults.Proxies;

/// <summary>Settles first of all who asks, how and where, so that everything after it sees the request as the client made it.</summary>
internal sealed class ReverseProxyStartupFilter(IOptions<ReverseProxyOptions> options) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use((context, following) =>
        {
            context.Features.Set(new PeerFeature(context.Connection.RemoteIpAddress));
            return following(context);
        });
        if (options.Value.Proxies.Length > 0)
        {
            app.UseForwardedHeaders(ForwardedBy(options.Value.Proxies));
        }

        app.UseMiddleware<PathPrefixMiddleware>();
        // For answers over TLS only, and not for localhost.
        app.UseHsts();
        next(app);
    };

    private static ForwardedHeadersOptions ForwardedBy(string[] proxies)
    {
        var forwarded = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.All,
            // As far back as the proxies are listed ones.
            ForwardLimit = null,
        };
        forwarded.KnownProxies.Clear();
        forwarded.KnownIPNetworks.Clear();
        foreach (var network in proxies.Select(ReverseProxyOptions.NetworkOf).OfType<System.Net.IPNetwork>())
        {
            forwarded.KnownIPNetworks.Add(network);
        }

        return forwarded;
    }
}
